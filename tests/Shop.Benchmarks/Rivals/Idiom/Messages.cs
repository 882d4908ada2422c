using MassTransit;

namespace Shop.Benchmarks.Rivals.Idiom;

// One message for each order and step.
internal sealed record OrderSubmitted(Guid CorrelationId, int Sku, int Wallet, long Total) : CorrelatedBy<Guid>;

internal sealed record ReserveStock(Guid CorrelationId, int Sku) : CorrelatedBy<Guid>;

internal sealed record StockReserved(Guid CorrelationId) : CorrelatedBy<Guid>;

internal sealed record StockRefused(Guid CorrelationId) : CorrelatedBy<Guid>;

internal sealed record ReleaseStock(Guid CorrelationId, int Sku) : CorrelatedBy<Guid>;

internal sealed record ChargePayment(Guid CorrelationId, int Wallet, long Total) : CorrelatedBy<Guid>;

internal sealed record PaymentCharged(Guid CorrelationId) : CorrelatedBy<Guid>;

internal sealed record PaymentRefused(Guid CorrelationId) : CorrelatedBy<Guid>;

internal sealed record FinishOrder(Guid CorrelationId, bool Confirmed) : CorrelatedBy<Guid>;
