namespace Shop.Payments.Deposits;

/// <summary>What became of a wish to pay in.</summary>
internal abstract record DepositOutcome
{
    private DepositOutcome()
    {
    }

    /// <summary>The money is in the wallet, from this request or from an earlier one with its key.</summary>
    internal sealed record Accepted(Deposit Deposit, bool Replayed) : DepositOutcome;

    /// <summary>The key belongs to another request.</summary>
    internal sealed record KeyReused : DepositOutcome;

    /// <summary>An operator has closed the wallet.</summary>
    internal sealed record WalletClosed : DepositOutcome;

    /// <summary>Nobody has a wallet of that number.</summary>
    internal sealed record NoWallet : DepositOutcome;
}
