namespace Shop.Contracts.Messages;

/// <summary>Authorize and capture in one local transaction: the pivot of the checkout.</summary>
public sealed record ChargePayment(long OrderId, long CustomerId, Money Amount) : OrderMessage(OrderId);

/// <summary>Give back what the order was charged; if the charge has not arrived yet, shut it out.</summary>
public sealed record RefundPayment(long OrderId) : OrderMessage(OrderId);
