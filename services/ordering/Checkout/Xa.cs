using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Checkout;

/// <summary>Two-phase commit: each participant does its whole work in one transaction and prepares it; the decision is logged; then all commit or
/// all roll back.</summary>
/// <remarks>
/// From prepare to the outcome the SKU's and the wallet's rows are locked, so buyers of one article queue up. Participants prepare one after the
/// other, always stock first: two orders may wait for each other's rows, but never in a circle. PostgreSQL only.
/// Source: Gray, Notes on Data Base Operating Systems (1978); X/Open XA (1991); presumed abort from Mohan et al., R* (1986).
/// </remarks>
internal sealed class Xa(CheckoutOptions options) : CheckoutProtocol(options)
{
    public const string ProtocolName = "xa";

    public override string Name => ProtocolName;

    public override bool Calls => true;

    public override OrderMessage[] Start(Order order, DateTimeOffset now) => Ask(order, CheckoutStep.Preparing, Awaiting.Stock, now);

    protected override bool MayStillStop(Order order) => order.Step is CheckoutStep.Preparing;

    protected override bool Awaits(Order order, OperationAnswered answer) => (order.Step, answer.Operation) switch
    {
        (CheckoutStep.Preparing, Decide.Operation) => true,
        (CheckoutStep.Preparing, OperationNames.Prepare) => order.Awaiting.HasFlag(PartOf(answer)),
        (CheckoutStep.Committing, OperationNames.Commit) => order.Awaiting.HasFlag(PartOf(answer)),
        (CheckoutStep.RollingBack, OperationNames.RollBack) => order.Awaiting.HasFlag(PartOf(answer)),
        (CheckoutStep.Undoing, OperationNames.Release or OperationNames.Refund) => order.Awaiting.HasFlag(PartOf(answer)),
        _ => false,
    };

    protected override OrderMessage[] Move(Order order, OperationAnswered answer, bool done, DateTimeOffset now) => order.Step switch
    {
        CheckoutStep.Preparing when answer.Operation is Decide.Operation => Decided(order, done, now),
        CheckoutStep.Preparing => Prepared(order, answer, done, now),
        CheckoutStep.Committing when !done => Attention(order, answer, now),
        CheckoutStep.Committing => Completed(order, PartOf(answer), now),
        CheckoutStep.RollingBack or CheckoutStep.Undoing => Undone(order, PartOf(answer), now),
        _ => throw new InvalidOperationException($"Order {order.Id} awaits nothing in {order.Step}."),
    };

    protected override OrderMessage[] GiveUp(Order order, string reason, DateTimeOffset now)
    {
        order.Fail(reason);
        return [new Decide(order.Id, Commit: false)];
    }

    protected override OrderMessage[] CommandsOf(Order order) => order.Step switch
    {
        CheckoutStep.Preparing when order.Awaiting is Awaiting.Stock =>
            [new PrepareBranch(order.Id, ServiceNames.Inventory, [new ReserveStock(order.Id, order.StockLines), new TakeStock(order.Id)])],
        CheckoutStep.Preparing =>
            [new PrepareBranch(order.Id, ServiceNames.Payments, [new ChargePayment(order.Id, order.CustomerId, order.Total)])],
        CheckoutStep.Committing => Parts(order, service => new CommitBranch(order.Id, service)),
        CheckoutStep.RollingBack => Parts(order, service => new RollBackBranch(order.Id, service)),
        CheckoutStep.Undoing => Parts(order, service => service is ServiceNames.Inventory ? new ReleaseStock(order.Id) : new RefundPayment(order.Id)),
        _ => Nothing,
    };

    private OrderMessage[] Prepared(Order order, OperationAnswered answer, bool done, DateTimeOffset now)
    {
        if (!done)
        {
            order.Fail(answer.Reason);
            return [new Decide(order.Id, Commit: false)];
        }

        return order.CancelRequested ? [new Decide(order.Id, Commit: false)]
            : PartOf(answer) is Awaiting.Stock ? Ask(order, CheckoutStep.Preparing, Awaiting.Payment, now)
            : [new Decide(order.Id, Commit: true)];
    }

    // Rolled back is what may be prepared: a branch that was not reached is shut out, so that a late prepare locks nothing.
    private OrderMessage[] Decided(Order order, bool commit, DateTimeOffset now)
    {
        if (!commit)
        {
            order.Fail(order.CancelRequested ? Reasons.Customer : order.Reason ?? Reasons.Timeout);
        }

        return Ask(order, commit ? CheckoutStep.Committing : CheckoutStep.RollingBack, Both, now);
    }

    private static OrderMessage[] Parts(Order order, Func<string, OrderMessage> command) =>
    [
        .. order.Awaiting.HasFlag(Awaiting.Stock) ? [command(ServiceNames.Inventory)] : Nothing,
        .. order.Awaiting.HasFlag(Awaiting.Payment) ? [command(ServiceNames.Payments)] : Nothing,
    ];
}
