namespace Shop.Contracts.Messages;

// What is corrected when no protocol can decide any more. The operation that an order went through is recorded, and its repeat would only be
// answered from that record, so a correction is an operation of its own, named after the difference that it settles: it too happens once.

/// <summary>Give free what the order holds, take back what it was sold.</summary>
/// <param name="Difference">Id of the difference that this settles; the same in every repeat.</param>
public sealed record CorrectRelease(long OrderId, string Difference) : OrderMessage(OrderId);

/// <summary>Give free what the order has authorized.</summary>
/// <inheritdoc cref="CorrectRelease" path="/param"/>
public sealed record CorrectVoid(long OrderId, string Difference) : OrderMessage(OrderId);

/// <summary>Give back what the order was charged.</summary>
/// <inheritdoc cref="CorrectRelease" path="/param"/>
public sealed record CorrectRefund(long OrderId, string Difference) : OrderMessage(OrderId);

/// <summary>Charge an order that was sold and never paid for. Refused where the wallet is short, or where anything was charged or undone meanwhile.</summary>
/// <inheritdoc cref="CorrectRelease" path="/param"/>
public sealed record CorrectCharge(long OrderId, string Difference, long CustomerId, Money Amount) : OrderMessage(OrderId);

/// <summary>Give back what the ledger has booked beyond the order's payment. Refused where it is another amount by now.</summary>
/// <inheritdoc cref="CorrectRelease" path="/param"/>
public sealed record CorrectSurplus(long OrderId, string Difference, long CustomerId, Money Amount) : OrderMessage(OrderId);
