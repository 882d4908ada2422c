using System.ComponentModel.DataAnnotations;

namespace Shop.Payments.Customers;

/// <summary>What a password costs to check: for whoever guesses them, and for this process.</summary>
internal sealed class PasswordOptions
{
    public const string Section = "Passwords";

    /// <summary>Rounds of PBKDF2-SHA256 for new passwords (OWASP 2023). Stored ones keep the count they were made with.</summary>
    [Range(1_000, 10_000_000)]
    public int Iterations { get; set; } = 600_000;

    /// <summary>How many are computed at once; 0 means one per core.</summary>
    [Range(0, 1_024)]
    public int MaxConcurrent { get; set; }

    /// <summary>How many more may wait. Whoever comes then is told to come back: a hash costs 0.1 s of a core.</summary>
    [Range(0, 10_000)]
    public int MaxWaiting { get; set; } = 64;
}
