namespace Shop.Contracts.Messages;

/// <summary>Authorize and capture in one local transaction: the pivot of the checkout.</summary>
public sealed record ChargePayment(long OrderId, long CustomerId, Money Amount) : OrderMessage(OrderId);

/// <summary>Hold the amount in the wallet: the try of a charge.</summary>
/// <param name="ExpiresAt">From then on the holder asks what was decided, instead of waiting to be told.</param>
public sealed record AuthorizePayment(long OrderId, long CustomerId, Money Amount, DateTimeOffset ExpiresAt) : OrderMessage(OrderId);

/// <summary>Charge what was authorized.</summary>
public sealed record CapturePayment(long OrderId) : OrderMessage(OrderId);

/// <summary>Give free what was authorized; if the authorization has not arrived yet, shut it out.</summary>
public sealed record VoidPayment(long OrderId) : OrderMessage(OrderId);

/// <summary>Give back what the order was charged; if the charge has not arrived yet, shut it out.</summary>
public sealed record RefundPayment(long OrderId) : OrderMessage(OrderId);
