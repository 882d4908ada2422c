using System.ComponentModel.DataAnnotations;

namespace Shop.Payments;

/// <summary>How payments treats its customers.</summary>
internal sealed class PaymentsOptions
{
    public const string Section = "Payments";

    /// <summary>What a new customer finds in the wallet, in cents.</summary>
    [Range(0, 1_000_000_00)]
    public long WelcomeAmount { get; set; } = 100_00;
}
