using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Checkout;

/// <summary>One way to keep an order consistent, as a state machine: given an order and what happened, it changes the order and returns the
/// commands that follow.</summary>
/// <remarks>
/// Nothing here reads a clock, a database or a network, so every schedule can be played through in a test. An answer that is not awaited (late,
/// repeated, reordered) changes nothing. What all protocols share stands here: a deadline before the point of no return, sending again after it,
/// an undo that cannot be refused, and a final state only when every effect or compensation has been acknowledged.
/// </remarks>
internal abstract class CheckoutProtocol(CheckoutOptions options)
{
    protected static readonly OrderMessage[] Nothing = [];

    protected const Awaiting Both = Awaiting.Stock | Awaiting.Payment;

    /// <summary>As it stands in the order: <c>"checkout": "saga"</c>.</summary>
    public abstract string Name { get; }

    /// <summary>True where commands are calls that are answered at once; false where they travel through the outbox.</summary>
    public abstract bool Calls { get; }

    protected CheckoutOptions Options => options;

    public abstract OrderMessage[] Start(Order order, DateTimeOffset now);

    public OrderMessage[] OnAnswer(Order order, OperationAnswered answer, DateTimeOffset now)
    {
        if (!Awaits(order, answer))
        {
            return Nothing;
        }

        var done = answer.Outcome is OperationOutcome.Done;
        var outcome = answer.Operation is Decide.Operation ? done ? "commit" : "abort" : done ? "done" : "refused";
        order.Record(answer.At, answer.Service, answer.Operation, outcome, answer.Reason);
        return Move(order, answer, done, now);
    }

    /// <summary>The current step has had no answer for too long.</summary>
    public OrderMessage[] OnDue(Order order, DateTimeOffset now)
    {
        if (MayStillStop(order) && now - order.CreatedAt >= options.Timeout)
        {
            return GiveUp(order, Reasons.Timeout, now);
        }

        order.Resend(now, DueAfter(order, order.Attempts + 1, now));
        if (!MayStillStop(order) && order.Attempts >= options.AttentionAfter)
        {
            order.NeedAttention($"no answer to {order.Attempts} sends", now);
        }

        return CommandsOf(order);
    }

    /// <summary>The customer cancels. Where the protocol can still stop it does so at its point of decision; a confirmed order is undone.</summary>
    /// <returns>Null when the order is rejected or cancelled already.</returns>
    public OrderMessage[]? Cancel(Order order, DateTimeOffset now)
    {
        // What was refused after the point of no return waits for a human, and the customer is one: no answer will come that could read the mark.
        var nothingIsAwaited = order.Status is OrderStatus.Confirmed || order is { DueAt: null, Step: not CheckoutStep.Finished };
        if (!order.RequestCancel(now))
        {
            return null;
        }

        return nothingIsAwaited ? Undo(order, Reasons.Customer, Both, now) : CancelNow(order, now);
    }

    /// <summary>The order is older than any checkout may be. While it can still be given up it is; and one that no clock would look at again is
    /// sent to once more, which winds up its clock.</summary>
    /// <returns>Null where there is nothing to do: it has ended, or is on its way.</returns>
    public OrderMessage[]? OnOverdue(Order order, DateTimeOffset now) =>
        order.IsFinal ? null
        : !IsGivenUp(order) && MayStillStop(order) ? GiveUp(order, Reasons.Timeout, now)
        : order.DueAt is null ? Retry(order, now)
        : null;

    /// <summary>An operator wants the current step sent now.</summary>
    public OrderMessage[] Retry(Order order, DateTimeOffset now)
    {
        order.Resend(now, DueAfter(order, 1, now));
        return CommandsOf(order);
    }

    /// <summary>An operator gives the order up: in the protocol's own way while that is still open; after it only where the order needs attention.</summary>
    /// <remarks>Another decision may stand in the log already: then that one is carried out, and <see cref="IsGivenUp"/> is false afterwards.</remarks>
    /// <returns>Null when it is too late.</returns>
    public OrderMessage[]? ForceStop(Order order, DateTimeOffset now) =>
        order.IsFinal ? null
        : IsGivenUp(order) ? Retry(order, now)
        : MayStillStop(order) ? GiveUp(order, Reasons.Operator, now)
        : order.Status is OrderStatus.NeedsAttention ? Undo(order, Reasons.Operator, Both, now)
        : null;

    /// <summary>It is on its way back: nothing but acknowledgements is missing.</summary>
    public static bool IsGivenUp(Order order) => order.Step
        is CheckoutStep.Undoing or CheckoutStep.Cancelling or CheckoutStep.RollingBack or CheckoutStep.Declined;

    /// <summary>Whether the order can still be given up: nothing has been decided or paid yet, as far as is known.</summary>
    protected abstract bool MayStillStop(Order order);

    protected abstract bool Awaits(Order order, OperationAnswered answer);

    protected abstract OrderMessage[] Move(Order order, OperationAnswered answer, bool done, DateTimeOffset now);

    /// <summary>What has not been answered is unknown, not refused: whatever may have happened is undone, and the undo shuts out what may still arrive.</summary>
    protected abstract OrderMessage[] GiveUp(Order order, string reason, DateTimeOffset now);

    /// <summary>A cancel before the end. Mostly the mark on the order is enough: it is read where the protocol decides.</summary>
    protected virtual OrderMessage[] CancelNow(Order order, DateTimeOffset now) => Nothing;

    /// <summary>The commands of the current step. To repeat them is always safe: a participant answers a repeat with what it recorded the first time.</summary>
    protected abstract OrderMessage[] CommandsOf(Order order);

    protected OrderMessage[] Ask(Order order, CheckoutStep step, Awaiting awaiting, DateTimeOffset now)
    {
        order.Enter(step, awaiting, now);
        order.Await(DueAfter(order, 1, now));
        return CommandsOf(order);
    }

    protected OrderMessage[] Undo(Order order, string? reason, Awaiting touched, DateTimeOffset now)
    {
        order.Fail(order.CancelRequested ? Reasons.Customer : reason);
        return Ask(order, CheckoutStep.Undoing, touched, now);
    }

    // What undoes cannot be refused: once all is acknowledged, nothing of the order is held, sold or charged.
    protected static OrderMessage[] Undone(Order order, Awaiting part, DateTimeOffset now)
    {
        order.Acknowledge(part);
        return order.Awaiting is Awaiting.None ? End(order, order.Reason, now) : Nothing;
    }

    // An accepted cancel always ends in cancelled, even where the order would have been rejected anyway.
    protected static OrderMessage[] End(Order order, string? reason, DateTimeOffset now)
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

    // A cancel that came after the decision could not stop it any more, so what was completed is undone.
    protected OrderMessage[] Completed(Order order, Awaiting part, DateTimeOffset now)
    {
        order.Acknowledge(part);
        return (order.Awaiting & Both) is not Awaiting.None ? Nothing
            : order.CancelRequested ? Undo(order, Reasons.Customer, Both, now)
            : Confirm(order, now);
    }

    protected static OrderMessage[] Confirm(Order order, DateTimeOffset now)
    {
        order.Finish(OrderStatus.Confirmed, null, now);
        return Nothing;
    }

    /// <summary>Something was refused that cannot be: a human has to look.</summary>
    protected static OrderMessage[] Attention(Order order, OperationAnswered answer, DateTimeOffset now)
    {
        order.NeedAttention($"{answer.Operation} refused: {answer.Reason}", now);
        order.Await(null);
        return Nothing;
    }

    /// <summary>Whose acknowledgement an answer is.</summary>
    protected static Awaiting PartOf(OperationAnswered answer) =>
        answer.Service is ServiceNames.Inventory ? Awaiting.Stock : Awaiting.Payment;

    // While the order can still be given up the next look is never later than the checkout's own timeout.
    private DateTimeOffset DueAfter(Order order, int attempts, DateTimeOffset now)
    {
        var pause = options.ResendAfter * Math.Pow(2, Math.Min(attempts - 1, 20));
        var due = now + (pause < options.MaxResendInterval ? pause : options.MaxResendInterval);
        var timeout = order.CreatedAt + options.Timeout;
        return MayStillStop(order) && timeout > now && timeout < due ? timeout : due;
    }
}
