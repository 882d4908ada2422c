namespace Shop.Ordering.Invariants;

/// <summary>One look of the watch at all books, and under which lead it was taken.</summary>
internal sealed class InvariantCheck(long id, long epoch, DateTimeOffset at, bool holds, long orders, long inFlight, long violations)
{
    public long Id { get; private set; } = id;

    public long Epoch { get; private set; } = epoch;

    public DateTimeOffset At { get; private set; } = at;

    public bool Holds { get; private set; } = holds;

    public long Orders { get; private set; } = orders;

    public long InFlight { get; private set; } = inFlight;

    /// <summary>Of all invariants together.</summary>
    public long Violations { get; private set; } = violations;
}
