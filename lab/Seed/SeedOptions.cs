namespace Shop.Lab.Seed;

/// <param name="Deposit">In cents, for each customer.</param>
internal sealed record SeedOptions(Uri Payments, int Customers, string Prefix, string Password, int Deposit, FileInfo OperatorKeyFile)
{
    public const string DefaultPrefix = "seed";
    public const string DefaultPassword = "load-test-password";

    /// <summary>Enough for a load that lasts.</summary>
    public const int DefaultDeposit = 50_000_000;

    public const int MaxDeposit = 100_000_000;
}

/// <summary>The customers cannot be made, for a reason that one line can tell.</summary>
internal sealed class SeedException(string message) : Exception(message);
