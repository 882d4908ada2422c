using Shop.Ordering.Orders;

namespace Shop.Ordering.Intake;

/// <summary>A valid, priced order that waits for the writer, and the promise to its caller.</summary>
internal sealed record OrderDraft(long CustomerId, string RequestKey, string Fingerprint, string Checkout, IReadOnlyList<OrderLine> Lines)
{
    // Continuations elsewhere: the writer must not run the callers' responses.
    public TaskCompletionSource<PlaceResult> Result { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
