using Shop.Ordering.Orders;

namespace Shop.Ordering.Intake;

/// <summary>What became of a <c>POST /orders</c>.</summary>
internal abstract record PlaceResult
{
    /// <summary>The order is durable; <paramref name="Replayed"/> when an earlier request made it.</summary>
    internal sealed record Placed(OrderView Order, bool Replayed) : PlaceResult;

    /// <summary>The key belongs to another body.</summary>
    internal sealed record KeyReused : PlaceResult;

    internal sealed record Invalid(Dictionary<string, string[]> Errors) : PlaceResult;

    internal sealed record CheckoutNotSupported(string Detail) : PlaceResult;

    /// <summary>The queue is full, or ids or storage are away: nothing was stored.</summary>
    internal sealed record Overloaded : PlaceResult;

    /// <summary>Stored or not, the same key answers it later.</summary>
    internal sealed record Unknown : PlaceResult;

    /// <summary>It waits in the queue for longer than its caller should.</summary>
    internal sealed record InProgress : PlaceResult;
}
