using System.Globalization;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

[Collection(SharedShop.Name)]
public sealed class OrderReadingTests(ShopFixture shop) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/history")]
    [InlineData("GET", "/events")]
    [InlineData("POST", "/cancel")]
    public async Task Another_customers_order_is_not_there(string method, string part)
    {
        var order = await _customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK);
        using var other = await shop.Host.CustomerAsync();
        await other.SendAsync(new HttpMethod(method), $"{order.Header("Location")}{part}").ExpectProblem(NotFound, "not-found");
        await shop.Host.Anonymous().SendAsync(new HttpMethod(method), $"{order.Header("Location")}{part}").ExpectProblem(Unauthorized, "unauthorized");
        Assert.Equal("confirmed", (await _customer.GetAsync(order.Header("Location")!).Expect(OK)).Body["status"]!.GetValue<string>());
        Assert.Empty((await other.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task An_unchanged_order_is_a_304()
    {
        var order = await _customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK);
        var read = await _customer.GetAsync(order.Header("Location")!).Expect(OK);
        Assert.Equal(order.Body.ToJsonString(), read.Body.ToJsonString());
        Assert.Equal($"\"{read.Body["version"]}\"", read.Header("ETag"));
        Assert.Null(read.Header("Retry-After"));
        Assert.Empty((await _customer.GetAsync(order.Header("Location")!, ("If-None-Match", read.Header("ETag")!)).Expect(NotModified)).Text);

        await _customer.PostAsync($"{order.Header("Location")}/cancel", null).Expect(Accepted);
        await _customer.GetAsync(order.Header("Location")!, ("If-None-Match", read.Header("ETag")!)).Expect(OK);
    }

    [Fact]
    public async Task Orders_are_listed_newest_first_and_each_stands_on_one_page()
    {
        var placed = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            placed.Insert(0, (await _customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK)).Body["id"]!.GetValue<string>());
        }

        var seen = new List<string>();
        for (var path = "/api/v1/orders?limit=3"; path is not null;)
        {
            var page = await _customer.GetAsync(path).Expect(OK);
            Assert.Equal(["items", "next"], page.Body.AsObject().Select(member => member.Key));
            Assert.True(Ids(page).Count <= 3);
            seen.AddRange(Ids(page));
            path = Links.Next(page);
            Assert.Equal(page.Body["next"] is null, path is null);

            // Placed while the pages are read: it stands before them, and moves nothing.
            await _customer.OrderAsync("umbrella").Expect(Accepted);
        }

        Assert.Equal(placed, seen);
    }

    [Fact]
    public async Task Orders_are_listed_by_status()
    {
        var sku = await shop.Host.ProductAsync(stock: 1);
        var confirmed = await _customer.OrderAsync(sku, prefer: "wait=30").Expect(OK);
        var rejected = await _customer.OrderAsync(sku, prefer: "wait=30").Expect(OK);
        var cancelled = await _customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK);
        await _customer.PostAsync($"{cancelled.Header("Location")}/cancel", null).Expect(Accepted);
        await _customer.FinalAsync(cancelled.Body["id"]!.GetValue<string>());

        Assert.Equal([Id(confirmed)], await IdsAsync("confirmed"));
        Assert.Equal([Id(rejected)], await IdsAsync("rejected"));
        Assert.Equal([Id(cancelled)], await IdsAsync("cancelled"));
        Assert.Empty(await IdsAsync("pending"));
        Assert.Empty(await IdsAsync("cancelling"));
        Assert.Empty(await IdsAsync("needsAttention"));

        async Task<List<string>> IdsAsync(string status) => Ids(await _customer.GetAsync($"/api/v1/orders?status={status}").Expect(OK));
    }

    [Theory]
    [InlineData("status=", "status")]
    [InlineData("status=Confirmed", "status")]
    [InlineData("status=2", "status")]
    [InlineData("status=done", "status")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=ten", "limit")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=c3VtYnJlbGxh", "cursor")]
    public async Task A_list_that_cannot_be_is_a_400(string query, string member)
    {
        var reply = await _customer.GetAsync($"/api/v1/orders?{query}").ExpectProblem(BadRequest, "validation-failed");
        Assert.Equal([member], reply.Body["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task The_cursor_of_another_customer_shows_nothing_of_that_customer()
    {
        for (var i = 0; i < 3; i++)
        {
            await _customer.OrderAsync("umbrella").Expect(Accepted);
        }

        var next = Links.Next(await _customer.GetAsync("/api/v1/orders?limit=1").Expect(OK))!;
        using var other = await shop.Host.CustomerAsync();
        Assert.Empty(Ids(await other.GetAsync(next).Expect(OK)));
    }

    [Fact]
    public async Task The_history_of_a_confirmed_order_tells_every_step()
    {
        var order = await _customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK);
        Assert.Equal(
            [
                ("ordering", "order", "placed"),
                ("ordering", "reserve", "sent"), ("inventory", "reserve", "done"),
                ("ordering", "charge", "sent"), ("payments", "charge", "done"),
                ("ordering", "take", "sent"), ("inventory", "take", "done"),
                ("ordering", "order", "confirmed"),
            ],
            await HistoryAsync(order));
    }

    [Fact]
    public async Task The_history_of_a_declined_order_tells_its_compensation()
    {
        var order = await _customer.OrderAsync("expedition-tent", prefer: "wait=30").Expect(OK);
        var history = await HistoryAsync(order);
        Assert.Equal(("payments", "charge", "refused"), history[4]);
        Assert.Contains(("inventory", "release", "done"), history);
        Assert.Equal(("ordering", "order", "rejected"), history[^1]);
    }

    private static string Id(Reply order) => order.Body["id"]!.GetValue<string>();

    private static List<string> Ids(Reply page) => [.. page.Body["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];

    private async Task<List<(string Service, string Step, string Outcome)>> HistoryAsync(Reply order)
    {
        var entries = (await _customer.GetAsync($"{order.Header("Location")}/history").Expect(OK)).Body.AsArray();
        Assert.All(entries, entry => Assert.Equal(["at", "service", "step", "outcome", "detail"], entry!.AsObject().Select(member => member.Key)));
        var times = entries.Select(entry => DateTimeOffset.Parse(entry!["at"]!.GetValue<string>(), CultureInfo.InvariantCulture)).ToList();
        Assert.All(times, at => Assert.Equal(TimeSpan.Zero, at.Offset));

        // A step that a busy machine has not answered in time was sent again: that is said too, and not asked here.
        return [.. entries.Select(e => (e!["service"]!.GetValue<string>(), e["step"]!.GetValue<string>(), e["outcome"]!.GetValue<string>())).Where(e => e.Item3 != "resent")];
    }
}
