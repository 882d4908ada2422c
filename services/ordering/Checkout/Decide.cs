using Shop.Contracts.Messages;

namespace Shop.Ordering.Checkout;

/// <summary>The coordinator's own command: write this decision into the log. What it answers is what stands there, which may be another.</summary>
/// <remarks>It never leaves ordering; the answer counts as done when the decision is to commit.</remarks>
internal sealed record Decide(long OrderId, bool Commit) : OrderMessage(OrderId)
{
    public const string Operation = "decide";
}
