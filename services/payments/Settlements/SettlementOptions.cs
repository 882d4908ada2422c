using System.ComponentModel.DataAnnotations;

namespace Shop.Payments.Settlements;

internal sealed class SettlementOptions
{
    public const string Section = "Settlement";

    /// <summary>So many bookings are summed up in one transaction.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;
}
