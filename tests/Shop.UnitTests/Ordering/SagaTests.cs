using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;
using Shop.Ordering.Orders;

namespace Shop.UnitTests.Ordering;

public sealed class SagaTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Saga _saga = new(new CheckoutOptions());
    private readonly Order _order = Order.Place(1, 7, "7/key", "digest", Saga.ProtocolName, [new OrderLine("umbrella", "Umbrella", 2, new Money(1999, "EUR"))], Start);
    private DateTimeOffset _now = Start;

    [Fact]
    public void Reserves_then_charges_then_takes_then_confirms()
    {
        var reserve = Assert.IsType<ReserveStock>(Assert.Single(_saga.Start(_order, _now)));
        Assert.Equal([new StockLine("umbrella", 2)], reserve.Lines);

        var charge = Assert.IsType<ChargePayment>(Assert.Single(Done(OperationNames.Reserve)));
        Assert.Equal((7, new Money(3998, "EUR")), (charge.CustomerId, charge.Amount));

        Assert.IsType<TakeStock>(Assert.Single(Done(OperationNames.Charge)));
        Assert.Equal(OrderStatus.Pending, _order.Status);

        Assert.Empty(Done(OperationNames.Take));
        Assert.Equal((OrderStatus.Confirmed, null), (_order.Status, _order.Reason));
        Assert.Null(_order.DueAt);
    }

    [Fact]
    public void A_refused_reservation_rejects_at_once_because_nothing_happened()
    {
        _saga.Start(_order, _now);

        Assert.Empty(Refused(OperationNames.Reserve, Reasons.OutOfStock));

        Assert.Equal((OrderStatus.Rejected, Reasons.OutOfStock), (_order.Status, _order.Reason));
    }

    [Fact]
    public void A_declined_charge_rejects_only_when_the_release_is_acknowledged()
    {
        _saga.Start(_order, _now);
        Done(OperationNames.Reserve);

        Assert.IsType<ReleaseStock>(Assert.Single(Refused(OperationNames.Charge, Reasons.PaymentDeclined)));
        Assert.Equal(OrderStatus.Pending, _order.Status);

        Done(OperationNames.Release);
        Assert.Equal((OrderStatus.Rejected, Reasons.PaymentDeclined), (_order.Status, _order.Reason));
    }

    [Fact]
    public void Silence_about_the_charge_is_unknown_so_stock_and_payment_are_both_undone()
    {
        _saga.Start(_order, _now);
        Done(OperationNames.Reserve);

        var commands = After(TimeSpan.FromSeconds(31));

        Assert.Collection(commands, c => Assert.IsType<ReleaseStock>(c), c => Assert.IsType<RefundPayment>(c));
        Done(OperationNames.Release);
        Assert.Equal(OrderStatus.Pending, _order.Status);
        Done(OperationNames.Refund);
        Assert.Equal((OrderStatus.Rejected, Reasons.Timeout), (_order.Status, _order.Reason));
    }

    [Fact]
    public void Silence_about_the_reservation_is_undone_without_touching_the_payment_that_was_never_asked_for()
    {
        _saga.Start(_order, _now);

        Assert.IsType<ReleaseStock>(Assert.Single(After(TimeSpan.FromSeconds(31))));
    }

    [Fact]
    public void After_the_pivot_there_is_no_timeout_only_repetition()
    {
        ReachTaking();

        Assert.IsType<TakeStock>(Assert.Single(After(TimeSpan.FromHours(1))));
        Assert.Equal(OrderStatus.Pending, _order.Status);
    }

    [Fact]
    public void A_step_that_must_succeed_and_is_not_answered_needs_attention_and_still_completes_when_it_is()
    {
        ReachTaking();
        for (var i = 0; i < 10; i++)
        {
            After(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(OrderStatus.NeedsAttention, _order.Status);
        Assert.NotNull(_order.DueAt);

        Done(OperationNames.Take);
        Assert.Equal(OrderStatus.Confirmed, _order.Status);
    }

    [Fact]
    public void A_refused_take_is_left_to_a_human()
    {
        ReachTaking();

        Refused(OperationNames.Take, Reasons.NotReserved);

        Assert.Equal((OrderStatus.NeedsAttention, null), (_order.Status, _order.DueAt));
    }

    [Fact]
    public void A_cancel_before_the_pivot_is_read_at_the_pivot_and_nothing_is_charged()
    {
        _saga.Start(_order, _now);
        Assert.Empty(_saga.Cancel(_order, _now)!);
        Assert.Equal(OrderStatus.Cancelling, _order.Status);

        Assert.IsType<ReleaseStock>(Assert.Single(Done(OperationNames.Reserve)));
        Done(OperationNames.Release);

        Assert.Equal((OrderStatus.Cancelled, Reasons.Customer), (_order.Status, _order.Reason));
    }

    [Fact]
    public void A_cancel_after_the_pivot_lets_the_checkout_finish_and_then_undoes_it()
    {
        ReachTaking();
        Assert.Empty(_saga.Cancel(_order, _now)!);

        var commands = Done(OperationNames.Take);

        Assert.Collection(commands, c => Assert.IsType<ReleaseStock>(c), c => Assert.IsType<RefundPayment>(c));
        Done(OperationNames.Refund);
        Done(OperationNames.Release);
        Assert.Equal(OrderStatus.Cancelled, _order.Status);
    }

    [Fact]
    public void A_confirmed_order_is_cancelled_by_refund_and_restock()
    {
        ReachTaking();
        Done(OperationNames.Take);

        Assert.Collection(_saga.Cancel(_order, _now)!, c => Assert.IsType<ReleaseStock>(c), c => Assert.IsType<RefundPayment>(c));
        Assert.Equal(OrderStatus.Cancelling, _order.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cancel_settles_an_order_whose_take_was_refused(bool cancelFirst)
    {
        ReachTaking();
        var before = cancelFirst ? _saga.Cancel(_order, _now)! : [];
        var commands = Refused(OperationNames.Take, Reasons.NotReserved);
        commands = cancelFirst ? commands : _saga.Cancel(_order, _now)!;

        Assert.Empty(before);
        Assert.Collection(commands, c => Assert.IsType<ReleaseStock>(c), c => Assert.IsType<RefundPayment>(c));
        Done(OperationNames.Release);
        Done(OperationNames.Refund);
        Assert.Equal((OrderStatus.Cancelled, Reasons.Customer), (_order.Status, _order.Reason));
    }

    [Fact]
    public void The_history_survives_a_participant_with_a_name_that_looks_like_two_entries()
    {
        _saga.Start(_order, _now);

        _saga.OnAnswer(_order, new OperationAnswered(1, "a|b\nc", OperationNames.Reserve, OperationOutcome.Done, null, _now), _now);

        Assert.Equal(4, _order.History.Count);
        Assert.Equal("a b c", _order.History[2].Service);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_accepted_cancel_ends_in_cancelled_even_where_the_order_would_have_been_rejected(bool atTheCharge)
    {
        _saga.Start(_order, _now);
        if (atTheCharge)
        {
            Done(OperationNames.Reserve);
            _saga.Cancel(_order, _now);
            Refused(OperationNames.Charge, Reasons.PaymentDeclined);
            Done(OperationNames.Release);
        }
        else
        {
            _saga.Cancel(_order, _now);
            Refused(OperationNames.Reserve, Reasons.OutOfStock);
        }

        Assert.Equal((OrderStatus.Cancelled, Reasons.Customer), (_order.Status, _order.Reason));
    }

    [Fact]
    public void A_rejected_or_cancelled_order_cannot_be_cancelled()
    {
        _saga.Start(_order, _now);
        Refused(OperationNames.Reserve, Reasons.OutOfStock);

        Assert.Null(_saga.Cancel(_order, _now));
    }

    [Fact]
    public void Answers_that_are_late_or_repeated_change_nothing()
    {
        ReachTaking();
        Done(OperationNames.Take);
        var (version, history) = (_order.Version, _order.HistoryText);

        foreach (var operation in new[] { OperationNames.Reserve, OperationNames.Charge, OperationNames.Take, OperationNames.Release, OperationNames.Refund })
        {
            Assert.Empty(Done(operation));
            Assert.Empty(Refused(operation, "late"));
        }

        Assert.Equal((OrderStatus.Confirmed, version, history), (_order.Status, _order.Version, _order.HistoryText));
    }

    [Fact]
    public void A_charge_that_arrives_after_the_undo_began_does_not_revive_the_order()
    {
        _saga.Start(_order, _now);
        Done(OperationNames.Reserve);
        After(TimeSpan.FromSeconds(31));

        Assert.Empty(Done(OperationNames.Charge));

        Assert.Equal(CheckoutStep.Undoing, _order.Step);
    }

    [Fact]
    public void A_repeated_acknowledgement_does_not_stand_for_the_other_one()
    {
        _saga.Start(_order, _now);
        Done(OperationNames.Reserve);
        After(TimeSpan.FromSeconds(31));

        Done(OperationNames.Release);
        Done(OperationNames.Release);

        Assert.False(_order.IsFinal);
        Assert.IsType<RefundPayment>(Assert.Single(After(TimeSpan.FromSeconds(60))));
    }

    [Fact]
    public void Repeats_come_at_growing_intervals_but_never_after_the_timeout()
    {
        var dues = new List<double>();
        _saga.Start(_order, _now);
        while (_order.Step is CheckoutStep.Reserving)
        {
            dues.Add((_order.DueAt!.Value - Start).TotalSeconds);
            _now = _order.DueAt.Value;
            _saga.OnDue(_order, _now);
        }

        Assert.Equal([2, 6, 14, 30], dues);
    }

    [Fact]
    public void The_history_tells_each_step_once_and_repeats_in_one_line()
    {
        ReachTaking();
        After(TimeSpan.FromMinutes(1));
        After(TimeSpan.FromMinutes(2));
        Done(OperationNames.Take);

        Assert.Equal(
            [
                "ordering order placed saga", "ordering reserve sent ", "inventory reserve done ", "ordering charge sent ", "payments charge done ",
                "ordering take sent ", "ordering take resent attempt 3", "inventory take done ", "ordering order confirmed ",
            ],
            _order.History.Select(h => $"{h.Service} {h.Step} {h.Outcome} {h.Detail}"));
    }

    private void ReachTaking()
    {
        _saga.Start(_order, _now);
        Done(OperationNames.Reserve);
        Done(OperationNames.Charge);
    }

    private OrderMessage[] Done(string operation) =>
        _saga.OnAnswer(_order, new OperationAnswered(1, ServiceOf(operation), operation, OperationOutcome.Done, null, _now), _now);

    private OrderMessage[] Refused(string operation, string reason) =>
        _saga.OnAnswer(_order, new OperationAnswered(1, ServiceOf(operation), operation, OperationOutcome.Refused, reason, _now), _now);

    private OrderMessage[] After(TimeSpan time)
    {
        _now += time;
        return _saga.OnDue(_order, _now);
    }

    private static string ServiceOf(string operation) =>
        operation is OperationNames.Charge or OperationNames.Refund ? ServiceNames.Payments : ServiceNames.Inventory;
}
