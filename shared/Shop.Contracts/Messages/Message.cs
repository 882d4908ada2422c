using System.Text.Json.Serialization;

namespace Shop.Contracts.Messages;

/// <summary>Anything that one service tells another, through its outbox or in a call. The discriminators are the wire names: never reuse one.</summary>
/// <remarks>Delivery is at least once and in no order; receivers decide by recorded state, never by arrival.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(ReserveStock), "reserve-stock")]
[JsonDerivedType(typeof(TakeStock), "take-stock")]
[JsonDerivedType(typeof(ReleaseStock), "release-stock")]
[JsonDerivedType(typeof(ChargePayment), "charge-payment")]
[JsonDerivedType(typeof(RefundPayment), "refund-payment")]
[JsonDerivedType(typeof(AuthorizePayment), "authorize-payment")]
[JsonDerivedType(typeof(CapturePayment), "capture-payment")]
[JsonDerivedType(typeof(VoidPayment), "void-payment")]
[JsonDerivedType(typeof(PrepareBranch), "prepare-branch")]
[JsonDerivedType(typeof(CommitBranch), "commit-branch")]
[JsonDerivedType(typeof(RollBackBranch), "roll-back-branch")]
[JsonDerivedType(typeof(OrderPlaced), "order-placed")]
[JsonDerivedType(typeof(OrderCancelled), "order-cancelled")]
[JsonDerivedType(typeof(StockReserved), "stock-reserved")]
[JsonDerivedType(typeof(PaymentCaptured), "payment-captured")]
[JsonDerivedType(typeof(PaymentDeclined), "payment-declined")]
[JsonDerivedType(typeof(CorrectRelease), "correct-release")]
[JsonDerivedType(typeof(CorrectVoid), "correct-void")]
[JsonDerivedType(typeof(CorrectRefund), "correct-refund")]
[JsonDerivedType(typeof(CorrectCharge), "correct-charge")]
[JsonDerivedType(typeof(CorrectSurplus), "correct-surplus")]
[JsonDerivedType(typeof(OperationAnswered), "operation-answered")]
[JsonDerivedType(typeof(ProductChanged), "product-changed")]
[JsonDerivedType(typeof(PurgeProducts), "purge-products")]
public abstract record Message;

/// <summary>A message about one order. At most one command per order and participant is in flight, except a cancel.</summary>
public abstract record OrderMessage(long OrderId) : Message;
