using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Checkout;

/// <summary>Single schedules that everything else meets only by chance, on the running shop: which message or call, and what becomes of it.</summary>
public sealed class ScheduleTests
{
    [Theory]
    [InlineData("saga")]
    [InlineData("message")]
    public async Task Whatever_was_said_and_is_said_again_after_the_end_changes_nothing(string checkout)
    {
        var road = new ScriptedTransport { Script = _ => Fate.DeliverAndKeep };
        await using var shop = await EmbeddedShopHost.StartAsync(road);
        using var customer = await shop.CustomerAsync(checkout);
        var order = await customer.OrderAsync("umbrella", prefer: "wait=30").Expect(HttpStatusCode.OK);
        var id = order.Body["id"]!.GetValue<string>();
        var history = (await customer.GetAsync($"/api/v1/orders/{id}/history").Expect(HttpStatusCode.OK)).Text;

        road.Script = _ => Fate.Deliver;
        Assert.True(road.Kept >= 6);
        await road.ReleaseAsync();

        Assert.Equal(history, (await customer.GetAsync($"/api/v1/orders/{id}/history").Expect(HttpStatusCode.OK)).Text);
        Assert.Equal(10_000 - 1_999, await customer.BalanceAsync());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    [Theory]
    [InlineData("saga")]
    [InlineData("message")]
    public async Task Every_message_twice_is_as_good_as_once(string checkout)
    {
        var road = new ScriptedTransport { Script = _ => Fate.DeliverTwice };
        await using var shop = await EmbeddedShopHost.StartAsync(road);
        using var customer = await shop.CustomerAsync(checkout);

        var order = await customer.OrderAsync("umbrella", 2, prefer: "wait=30").Expect(HttpStatusCode.OK);
        Assert.Equal("confirmed", order.Body["status"]!.GetValue<string>());
        await customer.PostAsync($"/api/v1/orders/{order.Body["id"]!.GetValue<string>()}/cancel", new { }).Expect(HttpStatusCode.Accepted);
        var final = await customer.FinalAsync(order.Body["id"]!.GetValue<string>());

        Assert.Equal("cancelled", final["status"]!.GetValue<string>());
        Assert.Equal(10_000, await customer.BalanceAsync());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    [Fact]
    public async Task A_choreography_hears_of_the_sale_before_the_payment_and_of_the_release_before_the_decline()
    {
        // What payments says arrives last, whatever was said first.
        var road = new ScriptedTransport { Script = message => message is OperationAnswered { Operation: OperationNames.Charge } ? Fate.Keep : Fate.Deliver };
        await using var shop = await EmbeddedShopHost.StartAsync(road, null, ("Checkout:ResendAfter", "00:05:00"));
        using var customer = await shop.CustomerAsync("message");
        var sold = await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted);
        var declined = await customer.OrderAsync("expedition-tent").Expect(HttpStatusCode.Accepted);
        await Eventually(() => road.Kept == 2);
        await Eventually(async () => (await StepsAsync(customer, sold)).Contains("take") && (await StepsAsync(customer, declined)).Contains("release"));

        road.Script = _ => Fate.Deliver;
        await road.ReleaseAsync();

        Assert.Equal("confirmed", (await customer.FinalAsync(sold.Body["id"]!.GetValue<string>()))["status"]!.GetValue<string>());
        var rejected = await customer.FinalAsync(declined.Body["id"]!.GetValue<string>());
        Assert.Equal(("rejected", "payment-declined"), (rejected["status"]!.GetValue<string>(), rejected["reason"]!.GetValue<string>()));
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    [Fact]
    public async Task A_try_whose_answer_is_lost_is_cancelled_when_the_time_is_up_and_money_and_stock_are_whole()
    {
        var calls = new ScriptedCalls();
        await using var shop = await EmbeddedShopHost.StartAsync(
            null,
            null,
            services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)),
            null,
            ("Checkout:Timeout", "00:00:01"),
            ("Checkout:ResendAfter", "00:00:00.200"),
            ("Checkout:TimerInterval", "00:00:00.050"));
        using var customer = await shop.CustomerAsync("tcc");

        // Carried out every time, and never heard of: unknown is not refused.
        calls.After = commands => commands.Any(c => c is AuthorizePayment) ? throw new HttpRequestException("the answer was lost") : Task.CompletedTask;
        var order = await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted);
        var final = await customer.FinalAsync(order.Body["id"]!.GetValue<string>());

        Assert.Equal(("rejected", "timeout"), (final["status"]!.GetValue<string>(), final["reason"]!.GetValue<string>()));
        Assert.Equal(10_000, await customer.BalanceAsync());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    [Fact]
    public async Task A_confirm_whose_answer_is_lost_is_repeated_and_pays_once()
    {
        var calls = new ScriptedCalls();
        await using var shop = await EmbeddedShopHost.StartAsync(
            null,
            null,
            services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)),
            null,
            ("Checkout:ResendAfter", "00:00:00.200"),
            ("Checkout:TimerInterval", "00:00:00.050"));
        using var customer = await shop.CustomerAsync("tcc");

        var lost = 0;
        calls.After = commands => commands.Any(c => c is CapturePayment) && Interlocked.Increment(ref lost) <= 3
            ? throw new HttpRequestException("the answer was lost")
            : Task.CompletedTask;
        var order = await customer.OrderAsync("umbrella", prefer: "wait=30").Expect(HttpStatusCode.OK);

        Assert.Equal("confirmed", order.Body["status"]!.GetValue<string>());
        Assert.True(lost > 3);
        Assert.Equal(10_000 - 1_999, await customer.BalanceAsync());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    [Fact]
    public async Task An_answer_about_an_order_that_nobody_knows_is_parked_and_its_neighbours_go_on()
    {
        var road = new ScriptedTransport { Script = message => message is OperationAnswered { Operation: OperationNames.Reserve } ? Fate.Keep : Fate.Deliver };
        await using var shop = await EmbeddedShopHost.StartAsync(road, null, ("Checkout:ResendAfter", "00:05:00"));
        using var customer = await shop.CustomerAsync();
        var order = await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted);
        var id = order.Body["id"]!.GetValue<string>();
        await Eventually(() => road.Kept == 1);

        var known = new OperationAnswered(long.Parse(id, CultureInfo.InvariantCulture), "inventory", OperationNames.Reserve, OperationOutcome.Done, null, TimeProvider.System.GetUtcNow());
        road.Script = _ => Fate.Deliver;
        await road.SendAsync(new Envelope("inventory", "ordering", [MessageCodec.Encode([known with { OrderId = 4711 }, known])]), CancellationToken.None);

        Assert.Equal("confirmed", (await customer.FinalAsync(id))["status"]!.GetValue<string>());
        var letters = JsonNode.Parse(await shop.Operator.GetStringAsync(new Uri($"{shop.OrderingAddress}/ops/dead-letters")))!["items"]!.AsArray();
        Assert.Contains("4711", Assert.Single(letters)!["payload"]!.GetValue<string>(), StringComparison.Ordinal);
        await road.ReleaseAsync();
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    // The first life of the shop stands for the other replica: its number is in the id of its order.
    [Fact]
    public async Task An_order_that_another_replica_took_in_is_left_to_it_until_it_is_late()
    {
        using var directory = new TempDirectory();
        string id, name;
        await using (var other = await StartAsync(worker: 7, "00:00:01"))
        {
            using var customer = await other.CustomerAsync();
            (id, name) = ((await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>(), customer.Name);
        }

        await using (var patient = await StartAsync(worker: 8, "00:01:00"))
        {
            using var customer = await BackAsync(patient);
            var own = (await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>();
            await Eventually(() => WasRepeatedAsync(customer, own));
            Assert.False(await WasRepeatedAsync(customer, id)); // it was due earlier
        }

        await using var shop = await StartAsync(worker: 8, "00:00:00", Fate.Deliver);
        using var again = await BackAsync(shop);
        Assert.Equal("confirmed", (await again.FinalAsync(id))["status"]!.GetValue<string>());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());

        Task<EmbeddedShopHost> StartAsync(int worker, string takeOverAfter, Fate fate = Fate.Keep) => EmbeddedShopHost.StartAsync(
            new ScriptedTransport { Script = message => fate },
            directory.Path,
            ("Snowflake:WorkerId", $"{worker}"),
            ("Checkout:ResendAfter", "00:00:01"),
            ("Checkout:Timeout", "00:10:00"), // three lives of the shop are not to be what it dies of
            ("Checkout:TakeOverAfter", takeOverAfter),
            ("Checkout:TimerInterval", worker == 7 ? "00:01:00" : "00:00:00.100"));

        async Task<ShopClient> BackAsync(EmbeddedShopHost shop)
        {
            var customer = new ShopClient(shop.Address);
            customer.Rename(name);
            await customer.LogInAsync();
            return customer;
        }

        static async Task<bool> WasRepeatedAsync(ShopClient customer, string order) =>
            (await customer.GetAsync($"/api/v1/orders/{order}/history").Expect(HttpStatusCode.OK)).Text.Contains("resent", StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> StepsAsync(ShopClient customer, Reply order) =>
        (await customer.GetAsync($"/api/v1/orders/{order.Body["id"]!.GetValue<string>()}/history").Expect(HttpStatusCode.OK)).Body.AsArray()
            .Select(entry => entry!["step"]!.GetValue<string>());

    private static Task Eventually(Func<bool> isSo) => Discovery.Eventually.TrueAsync(isSo);

    private static Task Eventually(Func<Task<bool>> isSo) => Discovery.Eventually.TrueAsync(isSo);
}
