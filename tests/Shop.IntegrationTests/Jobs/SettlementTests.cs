using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Payments;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;
using Shop.Payments.Settlements;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;
using Shop.UnitTests.Support;

namespace Shop.IntegrationTests.Jobs;

/// <summary>Each business day is summed up once, and each booking is in one sum.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SettlementTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _clock = new(Noon);

    [Fact]
    public async Task A_day_is_summed_up_once_however_often_it_is_asked_for()
    {
        await using var host = await StartAsync();
        var customer = await host.CustomerAsync();
        await host.AskAsync(Charge(1, customer, 30_00), Charge(2, customer, 20_00), new AuthorizePayment(3, customer.Id, new Money(5_00, "EUR"), Noon.AddHours(1)));
        await host.AskAsync(new RefundPayment(2), new CapturePayment(3));
        Pass(days: 1);
        await host.AskAsync(Charge(4, customer, 7_00)); // today's

        for (var i = 0; i < 3; i++)
        {
            await SettleAsync(host);
        }

        var settlement = Assert.Single(await ListAsync(host))!;
        Assert.Equal(
            ("2026-05-01", 55_00, 20_00, 0, 35_00, 4),
            (Text(settlement, "day"), Cents(settlement, "captured"), Cents(settlement, "refunded"), Cents(settlement, "corrected"), Cents(settlement, "net"),
                settlement["bookings"]!.GetValue<int>()));
        Assert.Equal(35_00, await SettledAsync(host.Service));
        await host.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task Days_that_were_missed_are_summed_up_one_by_one_and_a_day_without_bookings_states_that()
    {
        await using var host = await StartAsync();
        var customer = await host.CustomerAsync();
        await host.AskAsync(Charge(1, customer, 10_00));
        Pass(days: 2);
        await host.AskAsync(Charge(2, customer, 3_00));
        Pass(days: 1);

        await SettleAsync(host);

        Assert.Equal(
            [("2026-05-03", 3_00), ("2026-05-02", 0), ("2026-05-01", 10_00)], (await ListAsync(host)).Select(s => (Text(s!, "day"), Cents(s!, "net"))));
        Assert.Equal(("2026-05-03", 3_00), (Text((await ListAsync(host, "?limit=1"))[0]!, "day"), Cents((await ListAsync(host, "?limit=1"))[0]!, "net")));
        await host.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_booking_that_comes_late_belongs_to_the_next_day_and_changes_no_statement()
    {
        await using var host = await StartAsync();
        var customer = await host.CustomerAsync();
        await host.AskAsync(Charge(1, customer, 10_00));
        Pass(days: 1);
        await SettleAsync(host);
        var statement = (await ListAsync(host))[0]!.ToJsonString();

        // Booked on the first day by its own clock, and committed only now: by a branch that was prepared, or a node that was frozen.
        await host.Service.Get<Database<PaymentsDbContext>>().WriteAsync(
            db =>
            {
                db.Unsettled.Add(new UnsettledBooking(1, Noon, "charge", 4_00, "EUR"));
                return Task.CompletedTask;
            },
            default);
        Pass(days: 1);
        await SettleAsync(host);

        var settlements = await ListAsync(host);
        Assert.Equal(statement, settlements[1]!.ToJsonString());
        Assert.Equal(("2026-05-02", 4_00), (Text(settlements[0]!, "day"), Cents(settlements[0]!, "net")));
    }

    [Fact]
    public async Task More_given_back_than_taken_in_is_a_negative_day()
    {
        await using var host = await StartAsync();
        var customer = await host.CustomerAsync();
        await host.AskAsync(Charge(1, customer, 10_00));
        Pass(days: 1);
        await host.AskAsync(new RefundPayment(1));
        Pass(days: 1);

        await SettleAsync(host);

        Assert.Equal([-10_00, 10_00], (await ListAsync(host)).Select(s => Cents(s!, "net")));
        Assert.Equal(0, await SettledAsync(host.Service));
        await host.AssertBooksBalanceAsync();
    }

    [Fact]
    public async Task A_settlement_that_races_with_bookings_on_postgresql_loses_none_and_counts_none_twice()
    {
        const int Bookings = 300;
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await StartAsync(database, 1);
        await using var two = await StartAsync(database, 2);
        var customer = await one.CustomerAsync();
        await one.DepositAsync(customer, "rich", """{"amount":{"amount":1000000,"currency":"EUR"}}""");

        // Booked by clocks that say yesterday, while the clocks of the settlement say today, and then the day after.
        var booking = Task.WhenAll(new[] { one, two }.Select((host, part) => Task.Run(async () =>
        {
            for (var i = 0; i < Bookings; i++)
            {
                await host.Service.Get<Database<PaymentsDbContext>>().WriteAsync(
                    db =>
                    {
                        db.Unsettled.Add(new UnsettledBooking((part * Bookings) + i + 1, Noon.AddDays(-1), "charge", 1, "EUR"));
                        return Task.CompletedTask;
                    },
                    default);
            }
        })));
        for (var day = 0; !booking.IsCompleted || day < 3; day++)
        {
            await Task.WhenAll(SettleAsync(one), SettleAsync(two));
            Pass(days: 1);
        }

        await booking;
        await SettleAsync(one);

        var settlements = await PostgresFixture.QueryAsync(database, "SELECT count(*), sum(bookings), sum(captured), count(*) FILTER (WHERE closed_at IS NULL) FROM settlements");
        var parts = Assert.Single(settlements).Split(' ');
        Assert.Equal([$"{2 * Bookings}", $"{2 * Bookings}", "0"], parts[1..]);
        Assert.Equal(["0"], await PostgresFixture.QueryAsync(database, "SELECT count(*) FROM unsettled"));
        Assert.Equal([$"{2 * Bookings} 0"], await PostgresFixture.QueryAsync(
            database, "SELECT sum(amount) FILTER (WHERE account = 'settled'), sum(amount) FROM ledger_entries WHERE kind = 'settlement'"));
    }

    private static ChargePayment Charge(long order, Customer customer, long amount) => new(order, customer.Id, new Money(amount, "EUR"));

    private Task<PaymentsHost> StartAsync() => PaymentsHost.StartAsync(
        builder => builder.Services.AddSingleton<TimeProvider>(_clock), ("Jobs:Schedule", "false"), ("Settlement:BatchSize", "2"));

    private Task<PaymentsHost> StartAsync(string database, int worker) => PaymentsHost.StartAsync(
        builder => builder.Services.AddSingleton<TimeProvider>(_clock),
        ("Jobs:Schedule", "false"),
        ("Settlement:BatchSize", "17"),
        ("Database:Provider", "Postgres"),
        ("Database:ConnectionString", database),
        ("Snowflake:WorkerId", $"{worker}"));

    // By hand: the workers of the host wait for a clock that stands still.
    private static async Task SettleAsync(PaymentsHost host)
    {
        var job = host.Service.Get<JobCatalogue<PaymentsDbContext>>().Find(DailySettlement.Name)!;
        if (await Contended.RepeatAsync(() => host.Service.Get<JobStore<PaymentsDbContext>>().RunNowAsync(job, "ada", default)) is not { } run)
        {
            return;
        }

        await Eventually.TrueAsync(
            () => host.Service.Get<Database<PaymentsDbContext>>().ReadAsync(db => db.JobRuns.AnyAsync(r => r.Id == run.Id && r.State == JobRunState.Succeeded), default));
    }

    // On the wall only: a service has timers that would fire a hundred thousand times a day.
    private void Pass(int days) => _clock.SetUtcNow(_clock.GetUtcNow().AddDays(days));

    private static async Task<JsonArray> ListAsync(PaymentsHost host, string query = "") =>
        (await host.Service.GetAsync<JsonObject>($"/ops/settlements{query}"))["items"]!.AsArray();

    private static Task<long> SettledAsync(ServiceHost service) => service.Get<Database<PaymentsDbContext>>().ReadAsync(
        db => db.LedgerEntries.Where(e => e.Account == "settled").SumAsync(e => e.Amount), default);

    private static string Text(JsonNode node, string member) => node[member]!.GetValue<string>();

    private static int Cents(JsonNode node, string member) => node[member]!["amount"]!.GetValue<int>();
}
