namespace Shop.Ordering.Checkout;

/// <summary>What was decided about one order's transaction, by whom and when. It is never changed.</summary>
internal sealed class DecisionRow(long orderId, bool commit, string decidedBy, DateTimeOffset at)
{
    public long OrderId { get; private set; } = orderId;

    public bool Commit { get; private set; } = commit;

    public string DecidedBy { get; private set; } = decidedBy;

    public DateTimeOffset At { get; private set; } = at;
}
