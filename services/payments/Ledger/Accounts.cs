namespace Shop.Payments.Ledger;

/// <summary>Where money can be. A customer's two accounts are what the shop owes to the customer; the others belong to the shop.</summary>
internal static class Accounts
{
    public const string Wallet = "wallet";
    public const string Held = "held";

    /// <summary>Captured minus refunded, and not settled yet.</summary>
    public const string Revenue = "revenue";

    /// <summary>Minus the sum of all welcome balances.</summary>
    public const string Welcome = "welcome";

    /// <summary>Minus the sum of all deposits.</summary>
    public const string Deposits = "deposits";

    /// <summary>What settlements have moved out of the revenue, day by day, less what they moved back.</summary>
    public const string Settled = "settled";

    public static bool BelongsToCustomer(string account) => account is Wallet or Held;
}
