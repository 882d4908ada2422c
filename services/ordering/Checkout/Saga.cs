using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Checkout;

/// <summary>The orchestrated checkout: reserve, charge (the pivot), take; before the pivot it is undone, after it only finished.</summary>
/// <remarks>
/// Others see what is half done: stock that is reserved for an order that will be rejected, money that is charged and comes back.
/// Source: Garcia-Molina and Salem, Sagas (1987); the pivot is from Richardson, Microservices Patterns (2018).
/// </remarks>
internal sealed class Saga(CheckoutOptions options) : CheckoutProtocol(options)
{
    public const string ProtocolName = "saga";

    public override string Name => ProtocolName;

    public override bool Calls => false;

    public override OrderMessage[] Start(Order order, DateTimeOffset now) => Ask(order, CheckoutStep.Reserving, Awaiting.None, now);

    protected override bool MayStillStop(Order order) => order.Step is CheckoutStep.Reserving or CheckoutStep.Charging;

    protected override bool Awaits(Order order, OperationAnswered answer) => (order.Step, answer.Operation) switch
    {
        (CheckoutStep.Reserving, OperationNames.Reserve) => true,
        (CheckoutStep.Charging, OperationNames.Charge) => true,
        (CheckoutStep.Taking, OperationNames.Take) => true,
        (CheckoutStep.Undoing, OperationNames.Release or OperationNames.Refund) => order.Awaiting.HasFlag(PartOf(answer)),
        _ => false,
    };

    protected override OrderMessage[] Move(Order order, OperationAnswered answer, bool done, DateTimeOffset now) => order.Step switch
    {
        CheckoutStep.Reserving when !done => End(order, answer.Reason, now),
        CheckoutStep.Reserving when order.CancelRequested => Undo(order, Reasons.Customer, Awaiting.Stock, now),
        CheckoutStep.Reserving => Ask(order, CheckoutStep.Charging, Awaiting.None, now),
        CheckoutStep.Charging when !done => Undo(order, answer.Reason, Awaiting.Stock, now),
        CheckoutStep.Charging => Ask(order, CheckoutStep.Taking, Awaiting.None, now),
        CheckoutStep.Taking when order.CancelRequested => Undo(order, Reasons.Customer, Both, now),
        CheckoutStep.Taking when !done => Attention(order, answer, now),
        CheckoutStep.Taking => Confirm(order, now),
        CheckoutStep.Undoing => Undone(order, PartOf(answer), now),
        _ => throw new InvalidOperationException($"Order {order.Id} awaits nothing in {order.Step}."),
    };

    protected override OrderMessage[] GiveUp(Order order, string reason, DateTimeOffset now) =>
        Undo(order, reason, order.Step is CheckoutStep.Reserving ? Awaiting.Stock : Both, now);

    protected override OrderMessage[] CommandsOf(Order order) => order.Step switch
    {
        CheckoutStep.Reserving => [new ReserveStock(order.Id, order.StockLines)],
        CheckoutStep.Charging => [new ChargePayment(order.Id, order.CustomerId, order.Total)],
        CheckoutStep.Taking => [new TakeStock(order.Id)],
        CheckoutStep.Undoing =>
        [
            .. order.Awaiting.HasFlag(Awaiting.Stock) ? [new ReleaseStock(order.Id)] : Nothing,
            .. order.Awaiting.HasFlag(Awaiting.Payment) ? [new RefundPayment(order.Id)] : Nothing,
        ],
        _ => Nothing,
    };
}
