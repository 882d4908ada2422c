namespace Shop.Contracts.Messages;

// What the services tell each other in the choreographed checkout. Each carries what the next one needs, so that nobody has to ask.
// Ordering hears of every operation by OperationAnswered, as in the other protocols.

/// <summary>A customer ordered this. Said again while the order is not final: everybody answers with what they did the first time.</summary>
public sealed record OrderPlaced(long OrderId, long CustomerId, Money Total, IReadOnlyList<StockLine> Lines) : OrderMessage(OrderId);

/// <summary>The order is off, because the customer says so or because it took too long: undo what was done, shut out what is to come.</summary>
public sealed record OrderCancelled(long OrderId) : OrderMessage(OrderId);

/// <summary>The goods are held: the money may be taken.</summary>
public sealed record StockReserved(long OrderId, long CustomerId, Money Total) : OrderMessage(OrderId);

/// <summary>The money is taken: the goods may leave.</summary>
public sealed record PaymentCaptured(long OrderId) : OrderMessage(OrderId);

/// <summary>The customer cannot pay: the goods are free again.</summary>
public sealed record PaymentDeclined(long OrderId) : OrderMessage(OrderId);
