using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;

namespace Shop.Ordering.Checkout;

/// <summary>The coordinator's own command: write this decision into the log. What it answers is what stands there, which may be another.</summary>
/// <remarks>It never leaves ordering.</remarks>
internal sealed record Decide(long OrderId, bool Commit) : OrderMessage(OrderId)
{
    public const string Operation = "decide";

    /// <summary>A decision as an answer that a state machine understands: done when it is to commit.</summary>
    public static OperationAnswered Answer(Decision decision, DateTimeOffset now) => new(
        decision.OrderId,
        ServiceNames.Ordering,
        Operation,
        decision.Commit ? OperationOutcome.Done : OperationOutcome.Refused,
        Reason: null,
        now);
}
