using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Payments;

public sealed class PaymentOperationTests
{
    [Fact]
    public async Task A_charge_takes_the_money_from_the_wallet()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var answer = await payments.AskOneAsync(Charge(1, ada.Id, 30_00));

        Assert.Equal((1, "payments", "charge", OperationOutcome.Done, null), (answer.OrderId, answer.Service, answer.Operation, answer.Outcome, answer.Reason));
        Assert.Equal(70_00, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Theory]
    [InlineData(100_01, "EUR")]
    [InlineData(1, "USD")]
    public async Task A_charge_that_the_wallet_cannot_pay_is_declined_and_takes_nothing(long amount, string currency)
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var answer = await payments.AskOneAsync(new ChargePayment(1, ada.Id, new Money(amount, currency)));

        Assert.Equal((OperationOutcome.Refused, Reasons.PaymentDeclined), (answer.Outcome, answer.Reason));
        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_charge_of_all_there_is_goes_through()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        Assert.Equal(OperationOutcome.Done, (await payments.AskOneAsync(Charge(1, ada.Id, PaymentsHost.Welcome))).Outcome);

        Assert.Equal(0, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task A_charge_of_nobody_is_declined()
    {
        await using var payments = await PaymentsHost.StartAsync();

        Assert.Equal(Reasons.PaymentDeclined, (await payments.AskOneAsync(Charge(1, customerId: 404, 1))).Reason);
    }

    [Fact]
    public async Task A_repeat_is_answered_with_the_record_although_the_money_is_gone_by_now()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        var first = await payments.AskOneAsync(Charge(1, ada.Id, 60_00));

        var repeats = await payments.AskAsync(Charge(1, ada.Id, 60_00), Charge(1, ada.Id, 60_00));

        Assert.Equal(OperationOutcome.Done, first.Outcome);
        Assert.All(repeats, repeat => Assert.Equal(first, repeat));
        Assert.Equal(40_00, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task The_same_charge_twice_in_one_envelope_is_paid_once()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var answers = await payments.AskAsync(Charge(1, ada.Id, 60_00), Charge(1, ada.Id, 60_00));

        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(40_00, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task A_declined_charge_stays_declined_when_money_comes_in()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await payments.AskAsync(Charge(1, ada.Id, 60_00), Charge(2, ada.Id, 60_00));
        await payments.AskAsync(new RefundPayment(1));

        Assert.Equal(Reasons.PaymentDeclined, (await payments.AskOneAsync(Charge(2, ada.Id, 60_00))).Reason);

        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task Of_two_orders_of_one_customer_in_one_envelope_the_first_gets_the_money()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var answers = await payments.AskAsync(Charge(1, ada.Id, 60_00), Charge(2, ada.Id, 60_00));

        Assert.Equal([OperationOutcome.Done, OperationOutcome.Refused], answers.Select(a => a.Outcome));
        Assert.Equal(40_00, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task Envelopes_that_race_for_the_last_money_overdraw_nothing()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        await Task.WhenAll(Enumerable.Range(1, 30).Select(order => payments.Service.Transport.DeliverAsync(Charge(order, ada.Id, 10_00))));

        var answers = (await payments.Service.Transport.NextAsync(30)).Cast<OperationAnswered>();
        Assert.Equal(10, answers.Count(a => a.Outcome == OperationOutcome.Done));
        Assert.Equal(0, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task A_refund_gives_the_money_back_once()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        await payments.AskAsync(Charge(1, ada.Id, 60_00));

        var answers = await payments.AskAsync(new RefundPayment(1), new RefundPayment(1));

        Assert.All(answers, answer => Assert.Equal(OperationOutcome.Done, answer.Outcome));
        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_charge_that_arrives_after_its_refund_takes_nothing(bool inOneEnvelope)
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();
        Message[] late = [new RefundPayment(1), Charge(1, ada.Id, 60_00)];

        var answers = inOneEnvelope ? await payments.AskAsync(late) : [await payments.AskOneAsync(late[0]), await payments.AskOneAsync(late[1])];

        Assert.Equal([(OperationOutcome.Done, null), (OperationOutcome.Refused, Reasons.CancelledBefore)], answers.Select(a => (a.Outcome, a.Reason)));
        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task A_refund_of_a_declined_charge_is_done_and_gives_nothing()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        var answers = await payments.AskAsync(Charge(1, ada.Id, 999_00), new RefundPayment(1));

        Assert.Equal([OperationOutcome.Refused, OperationOutcome.Done], answers.Select(a => a.Outcome));
        Assert.Equal(PaymentsHost.Welcome, await payments.BalanceAsync(ada));
        await payments.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_charge_that_would_pay_the_customer_is_parked_and_its_neighbours_survive()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var ada = await payments.CustomerAsync();

        await payments.Service.Transport.DeliverAsync(Charge(1, ada.Id, 1_00), Charge(2, ada.Id, -50_00), Charge(3, ada.Id, 1_00));

        var answered = (await payments.Service.Transport.NextAsync(2)).Cast<OperationAnswered>();
        Assert.Equal([1, 3], answered.Select(a => a.OrderId).Order());
        Assert.Contains("\"orderId\":2", Assert.Single(await payments.DeadLettersAsync()).Payload, StringComparison.Ordinal);
        Assert.Equal(98_00, await payments.BalanceAsync(ada));
    }

    [Fact]
    public async Task Facts_list_payments_by_order_then_accounts_then_the_ledger()
    {
        await using var payments = await PaymentsHost.StartAsync();
        var (ada, bob) = (await payments.CustomerAsync("ada"), await payments.CustomerAsync("bob"));
        await payments.AskAsync(Charge(30, ada.Id, 10_00), Charge(10, bob.Id, 20_00), Charge(20, ada.Id, 999_00));
        await payments.AskAsync(new RefundPayment(10));

        var facts = await payments.FactsAsync();

        Assert.Equal(
            [
                new PaymentsFact(new PaymentFact(10, bob.Id, FactStates.Refunded, new Money(20_00, "EUR"), Booked: 0), null, null),
                new PaymentsFact(new PaymentFact(30, ada.Id, FactStates.Captured, new Money(10_00, "EUR"), Booked: 10_00), null, null),
                new PaymentsFact(null, new AccountFact(ada.Id, 90_00, 0, 90_00, 0), null),
                new PaymentsFact(null, new AccountFact(bob.Id, 100_00, 0, 100_00, 0), null),
                new PaymentsFact(null, null, new LedgerFact(
                    EntriesSum: 0, UnbalancedTransactions: 0, Wallets: 190_00, Held: 0, Captured: 30_00, Refunded: 20_00, Welcome: 200_00, Deposits: 0)),
            ],
            facts);
        Assert.Equal(facts[1].Payment, await payments.Service.GetAsync<PaymentFact>("/internal/facts/payments/30"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await payments.Service.Client.GetAsync("/internal/facts/payments/20")).StatusCode);
    }

    internal static ChargePayment Charge(long orderId, long customerId, long amount) => new(orderId, customerId, new Money(amount, "EUR"));
}
