namespace Shop.Payments.Settlements;

/// <summary>What the shop took in on one business day in one currency. Open while it is summed up, in steps; what is closed never changes.</summary>
internal sealed class Settlement(DateOnly day, string currency, DateTimeOffset openedAt)
{
    /// <summary>In UTC.</summary>
    public DateOnly Day { get; private set; } = day;

    public string Currency { get; private set; } = currency;

    public DateTimeOffset OpenedAt { get; private set; } = openedAt;

    public DateTimeOffset? ClosedAt { get; private set; }

    public long Captured { get; private set; }

    public long Refunded { get; private set; }

    /// <summary>What was put right by hand: positive where the shop gained.</summary>
    public long Corrected { get; private set; }

    /// <summary>Bookings that are in it.</summary>
    public long Bookings { get; private set; }

    /// <summary>The transaction of the ledger that states it; null where nothing is to be moved.</summary>
    public long? TransactionId { get; private set; }

    /// <summary>What was taken in, less what was given back.</summary>
    public long Net => Captured - Refunded + Corrected;

    public void Add(long captured, long refunded, long corrected, long bookings)
    {
        if (ClosedAt is not null)
        {
            throw new InvalidOperationException($"The settlement of {Day:O} is closed.");
        }

        Captured += captured;
        Refunded += refunded;
        Corrected += corrected;
        Bookings += bookings;
    }

    public void Close(DateTimeOffset now, long? transactionId) => (ClosedAt, TransactionId) = (now, transactionId);
}
