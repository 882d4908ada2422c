using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Checkout;

/// <summary>The orchestrated checkout: reserve, charge (the pivot), take; before the pivot it is undone, after it only finished.</summary>
/// <remarks>
/// Nothing here reads a clock, a database or a message bus: given an order and what happened, it changes the order and returns the commands
/// that must be sent with that change. An answer that is not awaited (late, repeated, reordered) changes nothing.
/// Source: Garcia-Molina and Salem, Sagas (1987); the pivot is from Richardson, Microservices Patterns (2018).
/// </remarks>
internal sealed class Saga(CheckoutOptions options)
{
    public const string Name = "saga";

    private static readonly OrderMessage[] Nothing = [];

    public OrderMessage[] Start(Order order, DateTimeOffset now) => Ask(order, CheckoutStep.Reserving, Awaiting.None, now);

    public OrderMessage[] OnAnswer(Order order, OperationAnswered answer, DateTimeOffset now)
    {
        if (!Awaits(order, answer))
        {
            return Nothing;
        }

        var done = answer.Outcome is OperationOutcome.Done;
        order.Record(answer.At, answer.Service, answer.Operation, done ? "done" : "refused", answer.Reason);
        return order.Step switch
        {
            CheckoutStep.Reserving when !done => End(order, answer.Reason, now),
            CheckoutStep.Reserving when order.CancelRequested => Undo(order, Reasons.Customer, Awaiting.Stock, now),
            CheckoutStep.Reserving => Ask(order, CheckoutStep.Charging, Awaiting.None, now),
            CheckoutStep.Charging when !done => Undo(order, answer.Reason, Awaiting.Stock, now),
            CheckoutStep.Charging => Ask(order, CheckoutStep.Taking, Awaiting.None, now),
            CheckoutStep.Taking when order.CancelRequested => Undo(order, Reasons.Customer, Awaiting.Stock | Awaiting.Payment, now),
            CheckoutStep.Taking when !done => Attention(order, $"take refused: {answer.Reason}", now),
            CheckoutStep.Taking => Confirm(order, now),
            CheckoutStep.Undoing => Undone(order, answer.Operation, now),
            _ => throw new InvalidOperationException($"Order {order.Id} awaits nothing in {order.Step}."),
        };
    }

    /// <summary>The current step has had no answer for too long.</summary>
    public OrderMessage[] OnDue(Order order, DateTimeOffset now)
    {
        // A timeout is unknown, not a refusal: whatever may have happened is undone, and the undo shuts out what may still arrive.
        if (order.Step is CheckoutStep.Reserving or CheckoutStep.Charging && now - order.CreatedAt >= options.Timeout)
        {
            var touched = order.Step is CheckoutStep.Reserving ? Awaiting.Stock : Awaiting.Stock | Awaiting.Payment;
            return Undo(order, Reasons.Timeout, touched, now);
        }

        order.Resend(now, DueAfter(order, order.Attempts + 1, now));
        if (order.Step is CheckoutStep.Taking or CheckoutStep.Undoing && order.Attempts >= options.AttentionAfter)
        {
            order.NeedAttention($"no answer to {order.Attempts} sends", now);
        }

        return CommandsOf(order);
    }

    /// <summary>The customer cancels. Before the pivot's answer this only leaves the mark that <see cref="OnAnswer"/> reads.</summary>
    /// <returns>Null when the order is rejected or cancelled already.</returns>
    public OrderMessage[]? Cancel(Order order, DateTimeOffset now)
    {
        // A take that was refused waits for a human, and the customer is one: no answer will come any more that could read the mark.
        var nothingIsAwaited = order.Status is OrderStatus.Confirmed || order is { Step: CheckoutStep.Taking, DueAt: null };
        if (!order.RequestCancel(now))
        {
            return null;
        }

        return nothingIsAwaited ? Undo(order, Reasons.Customer, Awaiting.Stock | Awaiting.Payment, now) : Nothing;
    }

    /// <summary>An operator wants the current step sent now.</summary>
    public OrderMessage[] Retry(Order order, DateTimeOffset now)
    {
        order.Resend(now, DueAfter(order, 1, now));
        return CommandsOf(order);
    }

    private static bool Awaits(Order order, OperationAnswered answer) => (order.Step, answer.Operation) switch
    {
        (CheckoutStep.Reserving, OperationNames.Reserve) => true,
        (CheckoutStep.Charging, OperationNames.Charge) => true,
        (CheckoutStep.Taking, OperationNames.Take) => true,
        (CheckoutStep.Undoing, OperationNames.Release) => order.Awaiting.HasFlag(Awaiting.Stock),
        (CheckoutStep.Undoing, OperationNames.Refund) => order.Awaiting.HasFlag(Awaiting.Payment),
        _ => false,
    };

    private OrderMessage[] Ask(Order order, CheckoutStep step, Awaiting awaiting, DateTimeOffset now)
    {
        order.Enter(step, awaiting, now);
        order.Await(DueAfter(order, 1, now));
        return CommandsOf(order);
    }

    private OrderMessage[] Undo(Order order, string? reason, Awaiting touched, DateTimeOffset now)
    {
        order.Fail(order.CancelRequested ? Reasons.Customer : reason);
        return Ask(order, CheckoutStep.Undoing, touched, now);
    }

    // Release and refund cannot be refused: once both are acknowledged, nothing of the order is held, sold or charged.
    private static OrderMessage[] Undone(Order order, string operation, DateTimeOffset now)
    {
        order.Acknowledge(operation is OperationNames.Release ? Awaiting.Stock : Awaiting.Payment);
        return order.Awaiting is Awaiting.None ? End(order, order.Reason, now) : Nothing;
    }

    // An accepted cancel always ends in cancelled, even where the order would have been rejected anyway.
    private static OrderMessage[] End(Order order, string? reason, DateTimeOffset now)
    {
        if (order.CancelRequested)
        {
            order.Finish(OrderStatus.Cancelled, Reasons.Customer, now);
        }
        else
        {
            order.Finish(OrderStatus.Rejected, reason, now);
        }

        return Nothing;
    }

    private static OrderMessage[] Confirm(Order order, DateTimeOffset now)
    {
        order.Finish(OrderStatus.Confirmed, null, now);
        return Nothing;
    }

    private static OrderMessage[] Attention(Order order, string detail, DateTimeOffset now)
    {
        order.NeedAttention(detail, now);
        order.Await(null);
        return Nothing;
    }

    // Before the pivot's answer the next look is never later than the checkout's own timeout.
    private DateTimeOffset DueAfter(Order order, int attempts, DateTimeOffset now)
    {
        var pause = options.ResendAfter * Math.Pow(2, Math.Min(attempts - 1, 20));
        var due = now + (pause < options.MaxResendInterval ? pause : options.MaxResendInterval);
        var timeout = order.CreatedAt + options.Timeout;
        return order.Step is CheckoutStep.Reserving or CheckoutStep.Charging && timeout > now && timeout < due ? timeout : due;
    }

    // Repeating a command is always safe: its participant answers a repeat with what it recorded the first time.
    private static OrderMessage[] CommandsOf(Order order) => order.Step switch
    {
        CheckoutStep.Reserving => [new ReserveStock(order.Id, [.. order.Lines.Select(l => new StockLine(l.Sku, l.Quantity))])],
        CheckoutStep.Charging => [new ChargePayment(order.Id, order.CustomerId, order.Total)],
        CheckoutStep.Taking => [new TakeStock(order.Id)],
        CheckoutStep.Undoing =>
        [
            .. order.Awaiting.HasFlag(Awaiting.Stock) ? [new ReleaseStock(order.Id)] : Nothing,
            .. order.Awaiting.HasFlag(Awaiting.Payment) ? [new RefundPayment(order.Id)] : Nothing,
        ],
        _ => Nothing,
    };

    /// <summary>Which service carries out a command.</summary>
    public static string DestinationOf(OrderMessage command) => command switch
    {
        ReserveStock or TakeStock or ReleaseStock => ServiceNames.Inventory,
        ChargePayment or RefundPayment => ServiceNames.Payments,
        _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
    };
}
