using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>An order that is not final yet: here no message arrives before the test says so.</summary>
public sealed class PendingOrderTests(PendingOrderTests.GatedShop shop) : IClassFixture<PendingOrderTests.GatedShop>, IAsyncLifetime
{
    private ShopClient _customer = null!;
    private string _sku = "";

    public async Task InitializeAsync()
    {
        _customer = await shop.Host.CustomerAsync();
        _sku = await shop.Host.ProductAsync(price: 100, stock: 10);
        shop.Gate.Close();
    }

    public Task DisposeAsync()
    {
        shop.Gate.Open();
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task When_the_time_is_up_the_answer_is_a_202()
    {
        foreach (var prefer in (string[])["wait=0", "wait=1"])
        {
            var reply = await _customer.OrderAsync(_sku, prefer: prefer).Expect(Accepted);
            Assert.Equal("pending", reply.Body["status"]!.GetValue<string>());
            Assert.Null(reply.Header("Preference-Applied"));
            Assert.Equal("1", reply.Header("Retry-After"));
            Assert.NotNull(reply.Header("Location"));
        }
    }

    [Fact]
    public async Task A_pending_order_says_when_to_look_again_and_stands_in_its_list()
    {
        var order = await _customer.OrderAsync(_sku).Expect(Accepted);
        Assert.Equal("1", (await _customer.GetAsync(order.Header("Location")!).Expect(OK)).Header("Retry-After"));
        Assert.Single((await _customer.GetAsync("/api/v1/orders?status=pending").Expect(OK)).Body["items"]!.AsArray());
        Assert.Empty((await _customer.GetAsync("/api/v1/orders?status=confirmed").Expect(OK)).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task A_twin_of_a_pending_order_is_answered_with_it()
    {
        var key = Guid.NewGuid().ToString();
        var first = await _customer.OrderAsync(_sku, key: key).Expect(Accepted);
        var twin = await _customer.OrderAsync(_sku, key: key, prefer: "wait=0").Expect(Accepted);
        Assert.Equal(first.Body.ToJsonString(), twin.Body.ToJsonString());
        Assert.Equal("true", twin.Header("Idempotent-Replayed"));
    }

    [Fact]
    public async Task The_stream_tells_every_state_until_the_final_one()
    {
        var order = await _customer.OrderAsync(_sku).Expect(Accepted);
        using var stream = await EventStream.OpenAsync(_customer, $"{order.Header("Location")}/events");
        Assert.Equal("text/event-stream", stream.ContentType);
        var first = (await stream.NextAsync())!;
        Assert.Equal(("order", "1", "pending"), (first.Event, first.Id, first.Data["status"]!.GetValue<string>()));
        Assert.Equal(order.Body.ToJsonString(), first.Data.ToJsonString());

        shop.Gate.Open();
        var rest = await stream.RestAsync();
        Assert.All(rest, next => Assert.Equal("order", next.Event));
        Assert.Equal("confirmed", rest[^1].Data["status"]!.GetValue<string>());
        Assert.Equal(rest[^1].Id, rest[^1].Data["version"]!.ToString());
        Assert.Equal(rest.Select(e => int.Parse(e.Id, System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order(), rest.Select(e => int.Parse(e.Id, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_stream_resumes_behind_the_last_event_that_was_seen()
    {
        var order = await _customer.OrderAsync(_sku).Expect(Accepted);
        using var resumed = await EventStream.OpenAsync(_customer, $"{order.Header("Location")}/events", lastEventId: "1");
        shop.Gate.Open();
        var events = await resumed.RestAsync();
        Assert.Equal(["2"], events.Select(e => e.Id));

        using var atTheEnd = await EventStream.OpenAsync(_customer, $"{order.Header("Location")}/events", lastEventId: "2");
        Assert.Empty(await atTheEnd.RestAsync());

        foreach (var unknown in (string?[])[null, "", "abc", "-1", "1.5"])
        {
            using var all = await EventStream.OpenAsync(_customer, $"{order.Header("Location")}/events", unknown);
            Assert.Equal(["2"], (await all.RestAsync()).Select(e => e.Id));
        }
    }

    [Fact]
    public async Task Several_streams_of_one_order_all_end()
    {
        var order = await _customer.OrderAsync(_sku).Expect(Accepted);
        var streams = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => EventStream.OpenAsync(_customer, $"{order.Header("Location")}/events")));
        streams[0].Dispose(); // one client leaves early
        shop.Gate.Open();
        foreach (var stream in streams.Skip(1))
        {
            Assert.Equal("confirmed", (await stream.RestAsync())[^1].Data["status"]!.GetValue<string>());
            stream.Dispose();
        }
    }

    [Fact]
    public async Task A_pending_order_that_is_cancelled_ends_cancelled_with_everything_back()
    {
        var order = await _customer.OrderAsync(_sku).Expect(Accepted);
        var cancel = await _customer.PostAsync($"{order.Header("Location")}/cancel", null).Expect(Accepted);
        Assert.Equal(("cancelling", "customer"), (cancel.Body["status"]!.GetValue<string>(), cancel.Body["reason"]!.GetValue<string>()));
        Assert.Single((await _customer.GetAsync("/api/v1/orders?status=cancelling").Expect(OK)).Body["items"]!.AsArray());
        var again = await _customer.PostAsync($"{order.Header("Location")}/cancel", null).Expect(Accepted);
        Assert.Equal(cancel.Body.ToJsonString(), again.Body.ToJsonString());

        shop.Gate.Open();
        var final = await _customer.FinalAsync(order.Body["id"]!.GetValue<string>());
        Assert.Equal(("cancelled", "customer"), (final["status"]!.GetValue<string>(), final["reason"]!.GetValue<string>()));
        Assert.Equal(10_000, await _customer.BalanceAsync());
        Assert.Equal(10, (await _customer.StockAsync(_sku))["available"]!.GetValue<long>());
    }

    public sealed class GatedShop : IAsyncLifetime
    {
        internal GatedTransport Gate { get; } = new();

        internal EmbeddedShopHost Host { get; private set; } = null!;

        public async Task InitializeAsync() => Host = await EmbeddedShopHost.StartAsync(Gate);

        public async Task DisposeAsync()
        {
            try
            {
                Invariants.AssertHold(await Host.QuietInvariantsAsync());
            }
            finally
            {
                await Host.DisposeAsync();
            }
        }
    }
}
