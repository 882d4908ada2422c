namespace Shop.Payments.Settlements;

/// <summary>A booking of the shop's revenue that is in no settlement yet. It is written with the booking and deleted with its sum.</summary>
/// <remarks>So each booking is counted once, whenever its transaction commits: the one that a settlement cannot see yet is left for the next.</remarks>
internal sealed class UnsettledBooking(long entryId, DateTimeOffset at, string kind, long amount, string currency)
{
    public long EntryId { get; private set; } = entryId;

    public DateTimeOffset At { get; private set; } = at;

    /// <summary>One of <see cref="Ledger.EntryKinds"/>.</summary>
    public string Kind { get; private set; } = kind;

    public long Amount { get; private set; } = amount;

    public string Currency { get; private set; } = currency;
}
