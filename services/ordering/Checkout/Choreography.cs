using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Checkout;

/// <summary>Nobody coordinates: ordering says that an order was placed, inventory reserves and says so, payments charges and says so, inventory
/// lets the goods go; a decline flows back the same way. Ordering only listens, and says when an order is off.</summary>
/// <remarks>
/// The flow is nowhere in one place: it is in the reactions of <see cref="BuildingBlocks.Transactions.IParticipant{TContext}"/>. A repeat of
/// the first event runs through all of them, and each answers with what it did. A cancel stops nothing that is under way: it undoes it.
/// Source: Fowler, What do you mean by "Event-Driven"? (2017); event choreography as in Richardson, Microservices Patterns (2018).
/// </remarks>
internal sealed class Choreography(CheckoutOptions options) : CheckoutProtocol(options)
{
    public const string ProtocolName = "message";

    public override string Name => ProtocolName;

    public override bool Calls => false;

    public override OrderMessage[] Start(Order order, DateTimeOffset now) => Ask(order, CheckoutStep.Announced, Both | Awaiting.Reservation, now);

    // Once the payment is taken the goods will be too, and once it is declined they come back: both by themselves.
    protected override bool MayStillStop(Order order) => order.Step is CheckoutStep.Announced && order.Awaiting.HasFlag(Awaiting.Payment);

    protected override bool Awaits(Order order, OperationAnswered answer) => (order.Step, answer.Operation) switch
    {
        (CheckoutStep.Announced, OperationNames.Reserve) => order.Awaiting.HasFlag(Awaiting.Reservation),
        (CheckoutStep.Announced, OperationNames.Charge) => order.Awaiting.HasFlag(Awaiting.Payment),
        (CheckoutStep.Announced, OperationNames.Take or OperationNames.Release) => order.Awaiting.HasFlag(Awaiting.Stock),
        (CheckoutStep.Declined, OperationNames.Release) => true,
        (CheckoutStep.Undoing, OperationNames.Release or OperationNames.Refund) => order.Awaiting.HasFlag(PartOf(answer)),
        _ => false,
    };

    protected override OrderMessage[] Move(Order order, OperationAnswered answer, bool done, DateTimeOffset now) => (order.Step, answer.Operation) switch
    {
        (CheckoutStep.Announced, OperationNames.Reserve) => Reserved(order, answer, done, now),
        (CheckoutStep.Announced, OperationNames.Charge) when !done => Declined(order, answer, now),
        (CheckoutStep.Announced, OperationNames.Take) when !done => Attention(order, answer, now),
        (CheckoutStep.Announced, _) => Completed(order, PartOf(answer), now),
        (CheckoutStep.Declined, _) => End(order, order.Reason, now),
        (CheckoutStep.Undoing, _) => Undone(order, PartOf(answer), now),
        _ => throw new InvalidOperationException($"Order {order.Id} awaits nothing in {order.Step}."),
    };

    protected override OrderMessage[] GiveUp(Order order, string reason, DateTimeOffset now) => Undo(order, reason, Both, now);

    protected override OrderMessage[] CancelNow(Order order, DateTimeOffset now) =>
        MayStillStop(order) ? Undo(order, Reasons.Customer, Both, now) : Nothing;

    protected override OrderMessage[] CommandsOf(Order order) => order.Step switch
    {
        CheckoutStep.Announced or CheckoutStep.Declined => [new OrderPlaced(order.Id, order.CustomerId, order.Total, order.StockLines)],
        CheckoutStep.Undoing => [new OrderCancelled(order.Id)],
        _ => Nothing,
    };

    private static OrderMessage[] Reserved(Order order, OperationAnswered answer, bool done, DateTimeOffset now)
    {
        order.Acknowledge(Awaiting.Reservation);
        return done ? Nothing : End(order, answer.Reason, now);
    }

    // That the goods are free again may have been heard before why.
    private static OrderMessage[] Declined(Order order, OperationAnswered answer, DateTimeOffset now)
    {
        order.Fail(answer.Reason);
        order.Acknowledge(Awaiting.Payment);
        order.TurnTo(CheckoutStep.Declined);
        return order.Awaiting.HasFlag(Awaiting.Stock) ? Nothing : End(order, order.Reason, now);
    }
}
