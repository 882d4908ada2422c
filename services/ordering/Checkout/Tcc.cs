using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Checkout;

/// <summary>Try, confirm, cancel: both participants set aside what the order needs; once both have, and that is decided durably, both
/// confirm; otherwise both cancel.</summary>
/// <remarks>
/// The decision is the point of no return, and there is one for each order for ever: whoever else decides, such as a participant whose hold has
/// expired, meets it in the log. Nobody sees money come and go, but what is held can be sold to nobody else meanwhile.
/// Source: Pardon, Pautasso and Zimmermann, Consistent Disaster Recovery for Microservices: the BAC Theorem (2018), on the pattern that
/// Atomikos and later Alipay made known; empty cancel, late try and repeats as in dtm.
/// </remarks>
internal sealed class Tcc(CheckoutOptions options) : CheckoutProtocol(options)
{
    public const string ProtocolName = "tcc";

    public override string Name => ProtocolName;

    public override bool Calls => true;

    public override OrderMessage[] Start(Order order, DateTimeOffset now) => Ask(order, CheckoutStep.Trying, Both, now);

    protected override bool MayStillStop(Order order) => order.Step is CheckoutStep.Trying;

    protected override bool Awaits(Order order, OperationAnswered answer) => (order.Step, answer.Operation) switch
    {
        (CheckoutStep.Trying, Decide.Operation) => true,
        (CheckoutStep.Trying, OperationNames.Reserve or OperationNames.Authorize) => order.Awaiting.HasFlag(PartOf(answer)),
        (CheckoutStep.Confirming, OperationNames.Take or OperationNames.Capture) => order.Awaiting.HasFlag(PartOf(answer)),
        (CheckoutStep.Cancelling, OperationNames.Release or OperationNames.Void) => order.Awaiting.HasFlag(PartOf(answer)),
        (CheckoutStep.Undoing, OperationNames.Release or OperationNames.Refund) => order.Awaiting.HasFlag(PartOf(answer)),
        _ => false,
    };

    protected override OrderMessage[] Move(Order order, OperationAnswered answer, bool done, DateTimeOffset now) => order.Step switch
    {
        CheckoutStep.Trying when answer.Operation is Decide.Operation => Decided(order, done, now),
        CheckoutStep.Trying => Tried(order, answer, done),
        CheckoutStep.Confirming when !done => Attention(order, answer, now),
        CheckoutStep.Confirming => Completed(order, PartOf(answer), now),
        CheckoutStep.Cancelling or CheckoutStep.Undoing => Undone(order, PartOf(answer), now),
        _ => throw new InvalidOperationException($"Order {order.Id} awaits nothing in {order.Step}."),
    };

    protected override OrderMessage[] GiveUp(Order order, string reason, DateTimeOffset now)
    {
        order.Fail(reason);
        return [new Decide(order.Id, Commit: false)];
    }

    protected override OrderMessage[] CommandsOf(Order order) => order.Step switch
    {
        CheckoutStep.Trying => Parts(
            order,
            new ReserveStock(order.Id, order.StockLines, order.CreatedAt + Options.HoldFor),
            new AuthorizePayment(order.Id, order.CustomerId, order.Total, order.CreatedAt + Options.HoldFor)),
        CheckoutStep.Confirming => Parts(order, new TakeStock(order.Id), new CapturePayment(order.Id)),
        CheckoutStep.Cancelling => Parts(order, new ReleaseStock(order.Id), new VoidPayment(order.Id)),
        CheckoutStep.Undoing => Parts(order, new ReleaseStock(order.Id), new RefundPayment(order.Id)),
        _ => Nothing,
    };

    private static OrderMessage[] Tried(Order order, OperationAnswered answer, bool done)
    {
        if (!done)
        {
            order.Fail(answer.Reason);
            return [new Decide(order.Id, Commit: false)];
        }

        order.Acknowledge(PartOf(answer));
        return order.Awaiting is Awaiting.None ? [new Decide(order.Id, Commit: !order.CancelRequested)] : Nothing;
    }

    // Both, whatever they have answered: a refused or unknown try is cancelled too, so that it stays refused when it comes late.
    private OrderMessage[] Decided(Order order, bool commit, DateTimeOffset now)
    {
        if (!commit)
        {
            order.Fail(order.CancelRequested ? Reasons.Customer : order.Reason ?? Reasons.Timeout);
        }

        return Ask(order, commit ? CheckoutStep.Confirming : CheckoutStep.Cancelling, Both, now);
    }

    private static OrderMessage[] Parts(Order order, OrderMessage stock, OrderMessage payment) =>
    [
        .. order.Awaiting.HasFlag(Awaiting.Stock) ? [stock] : Nothing,
        .. order.Awaiting.HasFlag(Awaiting.Payment) ? [payment] : Nothing,
    ];
}
