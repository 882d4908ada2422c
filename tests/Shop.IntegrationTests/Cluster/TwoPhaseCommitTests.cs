using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;
using Xunit.Abstractions;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Two-phase commit on real prepared transactions: what it promises, what it locks, and who ends a branch whose coordinator is gone.</summary>
[Collection(SharedCluster.Name)]
public sealed class TwoPhaseCommitTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const string Sku = "umbrella";
    private const int Price = 1999;
    private const int Welcome = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Much longer than recovery takes, so that every order that holds an article has been ended.
    private static readonly TimeSpan LongestWayToAPoint = TimeSpan.FromSeconds(45);

    private ShopCluster Cluster => fixture.Cluster;

    [Fact]
    public async Task An_order_is_prepared_by_both_decided_once_and_committed_by_both()
    {
        using var customer = await CustomerAsync();

        var (id, order) = await BuyAsync(customer, Sku);

        Assert.Equal(("confirmed", "xa"), (Text(order, "status"), Text(order, "checkout")));
        Assert.Equal(Welcome - Price, await customer.BalanceAsync());
        var history = (await HistoryAsync(customer, id)).Where(step => !step.EndsWith("sent", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            ["inventory prepare done", "payments prepare done", "ordering decide commit"],
            history.Where(step => !step.Contains(" commit done", StringComparison.Ordinal)).Skip(1).SkipLast(1));
        Assert.Equal(["inventory commit done", "payments commit done"], history.Where(step => step.Contains(" commit done", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_row_that_somebody_has_locked_leaves_those_without_an_answer_who_want_it_and_nobody_who_came_at_once()
    {
        await using var source = NpgsqlDataSource.Create(Cluster.Connections.Database("inventory"));
        await using var connection = await source.OpenConnectionAsync();
        await using var inTheWay = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"SELECT FROM stock WHERE sku = '{Sku}' FOR UPDATE", connection, inTheWay))
        {
            await command.ExecuteNonQueryAsync();
        }

        var first = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => number % 4 == 0
            ? CallInventoryAsync(new ReserveStock(first + number, [new StockLine(Sku, 1)]), new ReleaseStock(first + number))
            : CallInventoryAsync(new ReleaseStock(first + number))));

        await inTheWay.RollbackAsync();
        Assert.All(calls.Index(), call => Assert.Equal(call.Index % 4 == 0 ? "[]" : "Done", call.Item is "[]" ? "[]" : call.Item.Contains("\"Done\"", StringComparison.Ordinal) ? "Done" : call.Item));
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
    }

    [Fact]
    public async Task What_is_not_in_stock_is_refused_before_anybody_is_charged()
    {
        using var customer = await CustomerAsync();

        var (id, order) = await BuyAsync(customer, "axe-ash-hatchet");

        Assert.Equal(("rejected", "out-of-stock"), (Text(order, "status"), Text(order, "reason")));
        Assert.Equal(Welcome, await customer.BalanceAsync());
        Assert.DoesNotContain("payments prepare done", await HistoryAsync(customer, id));
        await AssertNothingIsPreparedAsync();
    }

    [Fact]
    public async Task A_declined_payment_rolls_the_stock_back()
    {
        await fixture.QuietInvariantsAsync(Patience);
        using var customer = await CustomerAsync();
        var before = await AvailableAsync(customer, "expedition-tent");

        var (id, order) = await BuyAsync(customer, "expedition-tent");

        Assert.Equal(("rejected", "payment-declined"), (Text(order, "status"), Text(order, "reason")));
        Assert.Equal(before, await AvailableAsync(customer, "expedition-tent"));
        Assert.Contains("inventory rollback done", await HistoryAsync(customer, id));
        await AssertNothingIsPreparedAsync();
    }

    [Fact]
    public async Task A_confirmed_order_that_is_cancelled_gives_back_the_goods_and_the_money()
    {
        await fixture.QuietInvariantsAsync(Patience);
        using var customer = await CustomerAsync();
        var before = await AvailableAsync(customer, Sku);
        var (id, _) = await BuyAsync(customer, Sku);

        await customer.PostAsync($"/api/v1/orders/{id}/cancel", new { }).Expect(Accepted);

        Assert.Equal("cancelled", Text(await customer.FinalAsync(id, Patience.TotalSeconds), "status"));
        Assert.Equal((Welcome, before), (await customer.BalanceAsync(), await AvailableAsync(customer, Sku)));
    }

    // Each process dies at its own point, in the middle of the load; what they leave behind is ended by those who live, and by themselves.
    [Theory]
    [InlineData("ordering-1", "coordinator.after-answers:3", "ordering-2", "coordinator.after-decision:3")]
    [InlineData("inventory-1", "xa.after-prepare:3", "payments-2", "xa.after-commit-prepared:3")]
    public async Task Whoever_dies_between_two_steps_leaves_no_order_and_no_lock_behind(string one, string onesPoint, string other, string othersPoint)
    {
        await Task.WhenAll(StartArmedAsync(one, onesPoint), StartArmedAsync(other, othersPoint));
        var seed = Environment.TickCount;
        var buyers = Enumerable.Range(0, 4).Select(i => new PatientBuyer(fixture.Address, seed + i, "xa")).ToList();
        await Task.WhenAll(buyers.Select(b => b.EnterAsync()));
        using var over = new CancellationTokenSource();
        var buying = buyers.Select(b => Task.Run(() => b.BuyUntilAsync(over.Token))).ToList();

        try
        {
            foreach (var process in (string[])[one, other])
            {
                await UntilDeadAsync(process);
                await Cluster.StartAsync(process);
            }
        }
        finally
        {
            await over.CancelAsync(); // whatever happened: the next test has buyers of its own
        }

        await Task.WhenAll(buying);
        var report = await fixture.QuietInvariantsAsync(Patience);
        output.WriteLine($"{buyers.Sum(b => b.Acknowledged)} orders, {buyers.Sum(b => b.Repeated)} requests repeated; seed {seed}");
        Invariants.AssertHold(report);
        Assert.Empty(report["needsAttention"]!.AsArray());
        await AssertNothingIsPreparedAsync();
        foreach (var buyer in buyers)
        {
            await buyer.CheckAsync();
            buyer.Dispose();
        }

        Assert.True(buyers.Sum(b => b.Confirmed) > 0);
    }

    [Fact]
    public async Task While_no_coordinator_is_there_branches_stay_in_doubt_for_all_to_see_and_then_end_as_it_was_decided()
    {
        await fixture.QuietInvariantsAsync(Patience);
        using var customer = await CustomerAsync();
        await Cluster.KillAsync("ordering-2");
        await StartArmedAsync("ordering-1", "coordinator.after-decision");

        // Its answer may be lost with the process; the same key finds the order later.
        customer.Checkout = "xa";
        var placing = RepeatAsync(() => customer.OrderAsync(Sku, key: "the one"));
        await UntilAsync(() => IsDownAsync("ordering-1"));
        var seen = Logs("inventory").Sum(log => Count(log, "in doubt stay so"));
        var inDoubt = await PreparedAsync("inventory");
        Assert.Equal((1, 1), (inDoubt.Count, (await PreparedAsync("payments")).Count));

        // It was asked for, in vain, and nobody has guessed.
        await UntilAsync(() => Task.FromResult(Logs("inventory").Sum(log => Count(log, "in doubt stay so")) > seen));
        Assert.Equal(inDoubt, await PreparedAsync("inventory"));
        Assert.Equal(inDoubt, await PreparedAsync("payments"));

        await Task.WhenAll(Cluster.StartAsync("ordering-1"), Cluster.StartAsync("ordering-2"));
        var id = Text((await placing).Body, "id");
        Assert.Equal(inDoubt, [id]);
        Assert.Equal("confirmed", Text(await customer.FinalAsync(id, Patience.TotalSeconds), "status"));
        Assert.Equal(Welcome - Price, await customer.BalanceAsync());
        await AssertNothingIsPreparedAsync();
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
    }

    [Fact]
    public async Task A_branch_of_an_order_that_nobody_knows_is_rolled_back()
    {
        await fixture.QuietInvariantsAsync(Patience);
        using var customer = await CustomerAsync();
        var before = await AvailableAsync(customer, Sku);

        var orphan = await PrepareOrphanAsync();
        Assert.Contains(orphan, await PreparedAsync("inventory"));

        await UntilAsync(async () => (await PreparedAsync("inventory")).Count == 0);
        Assert.Equal(before, await AvailableAsync(customer, Sku));
        Assert.Equal("confirmed", Text((await BuyAsync(customer, Sku)).Order, "status"));
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
    }

    [Fact]
    public async Task Buyers_of_what_a_branch_has_locked_wait_for_its_outcome_whatever_their_protocol()
    {
        string[] protocols = ["saga", "tcc", "xa", "message"];
        var customers = await Task.WhenAll(protocols.Select(_ => CustomerAsync()));
        var orphan = await PrepareOrphanAsync();

        var placed = await Task.WhenAll(customers.Zip(protocols, (customer, protocol) =>
        {
            customer.Checkout = protocol;
            return RepeatAsync(() => customer.OrderAsync(Sku, prefer: "wait=1"));
        }));
        if ((await PreparedAsync("inventory")).Contains(orphan))
        {
            Assert.All(placed, reply => Assert.Equal("pending", Text(reply.Body, "status")));
        }

        // By hand, which is what this is for; unless the machine was so slow that recovery came first.
        using var end = await fixture.Operator.PostAsync($"{At("inventory", 1)}/ops/prepared/{orphan}/rollback", null);
        Assert.Contains(end.StatusCode, (HttpStatusCode[])[OK, NotFound]);
        foreach (var (customer, reply) in customers.Zip(placed))
        {
            Assert.Equal("confirmed", Text(await customer.FinalAsync(Text(reply.Body, "id"), Patience.TotalSeconds), "status"));
            customer.Dispose();
        }

        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    private string At(string service, int replica) => AppKind.All.Single(kind => kind.Service == service).Address(Cluster.Connections.Ports, replica);

    private Task<ShopClient> CustomerAsync() => PatientBuyer.NewcomerAsync(fixture.Address);

    private static async Task<(string Id, JsonNode Order)> BuyAsync(ShopClient customer, string sku)
    {
        customer.Checkout = "xa";
        var placed = await customer.OrderAsync(sku).Expect(Accepted);
        var id = Text(placed.Body, "id");
        return (id, await customer.FinalAsync(id, Patience.TotalSeconds));
    }

    private static async Task<List<string>> HistoryAsync(ShopClient customer, string id) =>
    [
        .. (await customer.GetAsync($"/api/v1/orders/{id}/history").Expect(OK)).Body.AsArray()
            .Select(step => $"{Text(step!, "service")} {Text(step!, "step")} {Text(step!, "outcome")}"),
    ];

    private static async Task<long> AvailableAsync(ShopClient customer, string sku) => (await customer.StockAsync(sku))["available"]!.GetValue<long>();

    // A prepared transaction lives in the database: any replica knows of it.
    private async Task<List<string>> PreparedAsync(string service) =>
        [.. JsonNode.Parse(await fixture.Operator.GetStringAsync(new Uri($"{At(service, 1)}/ops/prepared")))!.AsArray().Select(branch => Text(branch!, "orderId"))];

    private async Task AssertNothingIsPreparedAsync()
    {
        Assert.Empty(await PreparedAsync("inventory"));
        Assert.Empty(await PreparedAsync("payments"));
    }

    /// <summary>The answers to one call, as it is sent by a coordinator.</summary>
    private async Task<string> CallInventoryAsync(params Message[] commands)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{At("inventory", 1)}/internal/commands");
        request.Headers.Add("Shop-Service-Key", Cluster.Secrets.ServiceKey);
        request.Content = new StringContent(MessageCodec.Encode([.. commands]), Encoding.UTF8, "application/json");
        using var response = await fixture.Operator.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }

    // As a coordinator would that died before its order was committed.
    private async Task<string> PrepareOrphanAsync()
    {
        var id = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var answers = await CallInventoryAsync(new PrepareBranch(id, ServiceNames.Inventory, [new ReserveStock(id, [new StockLine(Sku, 1)]), new TakeStock(id)]));
        Assert.Contains("\"Done\"", answers, StringComparison.OrdinalIgnoreCase);
        return id.ToString(CultureInfo.InvariantCulture);
    }

    private async Task StartArmedAsync(string process, string point)
    {
        await Cluster.KillAsync(process);
        await Cluster.StartAsync(process, new Dictionary<string, string> { ["SHOP_CRASH_AT"] = point });
    }

    private async Task<bool> IsDownAsync(string process) => (await Cluster.StatusAsync()).Single(status => status.Name == process).Health is ProcessHealth.Down;

    private IEnumerable<string> Logs(string service) => ((int[])[1, 2]).Select(replica => Cluster.Directory.Log($"{service}-{replica}"));

    private static int Count(string log, string text) => File.ReadLines(log).Count(line => line.Contains(text, StringComparison.Ordinal));

    private static async Task<Reply> RepeatAsync(Func<Task<Reply>> request)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            try
            {
                if (await request() is { Status: Accepted } reply)
                {
                    return reply;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
            {
                // Unknown: the same key tells.
            }

            await Task.Delay(PollInterval);
        }

        throw new TimeoutException($"Not accepted within {Patience}.");
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        if (!await WithinAsync(Patience, condition))
        {
            throw new TimeoutException($"Not within {Patience}.");
        }
    }

    // Which replica a call goes to is not in the hands of the test: one that is never led to its point dies where it stands.
    private async Task UntilDeadAsync(string process)
    {
        if (!await WithinAsync(LongestWayToAPoint, () => IsDownAsync(process)))
        {
            output.WriteLine($"{process} did not come to its point and was killed");
            await Cluster.KillAsync(process);
        }
    }

    private static async Task<bool> WithinAsync(TimeSpan time, Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > time)
            {
                return false;
            }

            await Task.Delay(PollInterval);
        }

        return true;
    }
}
