namespace Shop.Payments.Ledger;

/// <summary>One side of a transaction of the double-entry ledger: all amounts of one transaction id add up to 0.</summary>
/// <remarks>Written once: a mistake is corrected by another transaction.</remarks>
internal sealed class LedgerEntry(
    long id, long transactionId, long? customerId, string account, long amount, string kind, long? orderId, DateTimeOffset at)
{
    public long Id { get; private set; } = id;

    public long TransactionId { get; private set; } = transactionId;

    /// <summary>Whose account it is; null for the shop's own.</summary>
    public long? CustomerId { get; private set; } = customerId;

    /// <summary>One of <see cref="Accounts"/>.</summary>
    public string Account { get; private set; } = account;

    public long Amount { get; private set; } = amount;

    /// <summary>One of <see cref="EntryKinds"/>.</summary>
    public string Kind { get; private set; } = kind;

    public long? OrderId { get; private set; } = orderId;

    public DateTimeOffset At { get; private set; } = at;
}
