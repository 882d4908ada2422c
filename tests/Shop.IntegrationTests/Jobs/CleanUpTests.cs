using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Inventory;
using Shop.IntegrationTests.Payments;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Reservations;
using Shop.Inventory.Storage;
using Shop.Payments.Storage;

namespace Shop.IntegrationTests.Jobs;

/// <summary>What is past its time goes, in small steps; a repeat that comes later still acts on nothing.</summary>
public sealed class CleanUpTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Records_go_when_they_are_past_the_window_and_not_before()
    {
        await using var host = await PaymentsHost.StartAsync(("CleanUp:BatchSize", "7"), ("Jobs:Schedule", "false"));
        var old = Enumerable.Range(0, 50).Select(i => OrderOf(Now.AddDays(-31), i)).ToList();
        var young = Enumerable.Range(0, 20).Select(i => OrderOf(Now.AddDays(-29), i)).ToList();
        await RecordAsync(host, old, Now.AddDays(-31));
        await RecordAsync(host, young, Now.AddDays(-29));
        await RecordAsync(host, [OrderOf(Now.AddDays(-40), 1)], Now.AddDays(-2)); // an old order that was undone the day before yesterday

        await RunAsync(host.Service);

        Assert.Equal(
            young.Append(OrderOf(Now.AddDays(-40), 1)).Order(),
            await host.Service.Get<Database<PaymentsDbContext>>().ReadAsync(db => Task.FromResult(db.Set<Operation>().OrderBy(o => o.OrderId).Select(o => o.OrderId).ToList()), default));
        var units = await host.Service.Get<Database<PaymentsDbContext>>().ReadAsync(db => Task.FromResult(db.JobUnits.Where(u => u.Job == "clean-up").ToList()), default);
        Assert.Equal(50, units.Sum(u => u.Done));
    }

    [Fact]
    public async Task A_charge_whose_record_is_gone_takes_no_money_a_second_time()
    {
        await using var host = await PaymentsHost.StartAsync();
        var customer = await host.CustomerAsync();
        var charge = new ChargePayment(OrderOf(Now.AddDays(-31), 1), customer.Id, new Money(1_00, "EUR"));
        var declined = charge with { OrderId = OrderOf(Now.AddDays(-31), 2), Amount = new Money(1_000_000_00, "EUR") };
        var refunded = OrderOf(Now.AddDays(-31), 3);
        await RecordAsync(host, [charge.OrderId, declined.OrderId, refunded], Now.AddDays(-31));

        await RunAsync(host.Service);
        var answers = await host.AskAsync(charge, declined with { Amount = charge.Amount }, new RefundPayment(refunded), charge with { OrderId = refunded });

        Assert.Equal(
            [(OperationOutcome.Refused, Reasons.TooLate), (OperationOutcome.Refused, Reasons.TooLate), (OperationOutcome.Done, null), (OperationOutcome.Refused, (string?)Reasons.CancelledBefore)],
            answers.Select(a => (a.Outcome, a.Reason)));
        Assert.Equal(PaymentsHost.Welcome, await host.BalanceAsync(customer));
        await host.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task An_order_of_yesterday_is_charged_as_ever()
    {
        await using var host = await PaymentsHost.StartAsync();
        var customer = await host.CustomerAsync();

        var answer = await host.AskOneAsync(new ChargePayment(OrderOf(Now.AddDays(-1), 1), customer.Id, new Money(1_00, "EUR")));

        Assert.Equal(OperationOutcome.Done, answer.Outcome);
    }

    [Fact]
    public async Task A_take_whose_record_is_gone_is_still_done_and_a_reserve_holds_nothing()
    {
        await using var host = await InventoryHost.StartAsync(("umbrella", 5));
        var order = OrderOf(Now.AddDays(-31), 1);
        await host.Service.Get<Database<InventoryDbContext>>().WriteAsync(
            db =>
            {
                var sold = Reservation.Hold(order, [new StockLine("umbrella", 1)], expiresAt: null);
                Assert.True(sold.TrySell());
                db.Add(sold);
                return Task.CompletedTask;
            },
            default);

        var answers = await host.AskAsync(new TakeStock(order), new ReserveStock(OrderOf(Now.AddDays(-31), 2), [new StockLine("umbrella", 1)]));

        Assert.Equal((5, 0, 0), await host.StockAsync("umbrella"));
        Assert.Equal([(OperationOutcome.Done, null), (OperationOutcome.Refused, (string?)Reasons.TooLate)], answers.Select(a => (a.Outcome, a.Reason)));
    }

    [Theory]
    [InlineData("21.00:00:00")] // exactly both together, and nothing for two clocks that differ
    [InlineData("1.00:00:00")]
    public async Task A_window_that_is_shorter_than_the_longest_repeat_is_refused_at_start(string window)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => PaymentsHost.StartAsync(("CleanUp:OperationsKeptFor", window)));

        Assert.Contains("a repeat could find its record gone", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Theory]
    [InlineData("Jobs:Each:clean-up:Cron", "every now and then")]
    [InlineData("Jobs:Each:no-such-job:Tries", "3")]
    [InlineData("Jobs:Each:clean-up:Tries", "0")]
    [InlineData("Jobs:Lease", "00:00:00")]
    [InlineData("Alarms:Webhook", "http://example.com/hook")]
    [InlineData("Alarms:Webhook", "ftp://127.0.0.1/hook")]
    [InlineData("Alarms:Webhook", "https://user:secret@example.com/hook")]
    public async Task A_setting_that_makes_no_sense_is_refused_at_start_in_one_line(string key, string value)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => PaymentsHost.StartAsync((key, value)));

        Assert.DoesNotContain('\n', refusal.Message);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    private static long OrderOf(DateTimeOffset placed, int number) => SnowflakeId.FirstOf(placed) + number;

    private static Task RecordAsync(PaymentsHost host, IEnumerable<long> orders, DateTimeOffset at) => host.Service.Get<Database<PaymentsDbContext>>().WriteAsync(
        db =>
        {
            db.AddRange(orders.Select(order => new Operation(order, OperationNames.Charge, OperationOutcome.Refused, "recorded", at)));
            return Task.CompletedTask;
        },
        default);

    private static async Task RunAsync(ServiceHost service)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ops/jobs/clean-up/run");
        request.Headers.Add("Shop-Operator", "ada");
        using var response = await service.Client.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
        await Eventually.TrueAsync(
            () => service.Get<Database<PaymentsDbContext>>().ReadAsync(
                db => Task.FromResult(db.JobRuns.Any(r => r.Job == "clean-up" && r.State == JobRunState.Succeeded)), default),
            60);
    }
}
