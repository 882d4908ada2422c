using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Attacks;

/// <summary>Everything at once on a sound shop: it may be slow, but never wrong, and the checker never cries wolf.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_checker_reports_no_violation_while_customers_order_and_cancel_one_scarce_article()
    {
        const int Customers = 12;
        var lasts = TimeSpan.FromSeconds(6); // or as long as it takes until both ends were seen
        await using var shop = await EmbeddedShopHost.StartAsync();
        var sku = await ScarceAsync(shop, 40);
        var customers = await Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => shop.CustomerAsync()));
        using var over = new CancellationTokenSource();

        var storm = customers.Select((customer, i) => OrderAndCancelAsync(customer, sku, new Random(i), over.Token)).ToList();
        var checks = 0;
        var started = Stopwatch.GetTimestamp();
        for (var seen = 0; seen < 2 || Stopwatch.GetElapsedTime(started) < lasts; checks++)
        {
            var report = await shop.InvariantsAsync();
            Assert.True(report["holds"]!.GetValue<bool>(), report.ToJsonString());
            seen = Ends(report);
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, report.ToJsonString());
        }

        await over.CancelAsync();

        var orders = (await Task.WhenAll(storm)).Sum();
        var last = await shop.QuietInvariantsAsync();
        output.WriteLine($"{checks} checks, {orders} orders, {last["ordersByStatus"]!.ToJsonString()}");
        Invariants.AssertHold(last);
        Assert.Equal(orders, last["orders"]!.GetValue<long>());
        Assert.Equal(2, Ends(last));

        static int Ends(JsonNode report) => report["ordersByStatus"]!.AsObject().Count(s => s.Key is "cancelled" or "confirmed");
    }

    [Fact]
    public async Task Hundreds_of_twins_at_once_are_one_order_and_one_deposit()
    {
        const int Twins = 400;
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Limits:Session:Permits", "1000000"), ("Limits:Concurrent", "1000")]);
        using var customer = await shop.CustomerAsync();
        var started = Stopwatch.GetTimestamp();

        var orders = Task.WhenAll(Enumerable.Range(0, Twins).Select(i => customer.OrderAsync("umbrella", key: "one wish", prefer: i % 2 == 0 ? "wait=5" : null)));
        var deposits = Task.WhenAll(Enumerable.Range(0, Twins / 4).Select(_ => customer.DepositAsync(100, key: "one wish")));
        var placed = await orders;
        var paid = await deposits;

        output.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s; {string.Join(", ", placed.Concat(paid).GroupBy(r => (r.Status, r.Code)).Select(g => $"{g.Key} {g.Count()}"))}");
        Assert.All(placed, r => Assert.True(r.Status is HttpStatusCode.Accepted or HttpStatusCode.OK, r.Text));
        Assert.Single(placed.Select(r => r.Body["id"]!.GetValue<string>()).Distinct());
        Assert.Single(placed, r => r.Header("Idempotent-Replayed") is null);
        Assert.Single(paid, r => r.Header("Idempotent-Replayed") is null);
        Assert.Equal(2, (await customer.GetAsync("/api/v1/wallet/entries")).Body["items"]!.AsArray().Count(e => e!["kind"]!.GetValue<string>() is "welcome" or "deposit"));
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    private static async Task<long> OrderAndCancelAsync(ShopClient customer, string sku, Random random, CancellationToken over)
    {
        var orders = 0;
        while (!over.IsCancellationRequested)
        {
            var order = (await customer.OrderAsync(sku, random.Next(1, 4)).Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>();
            orders++;
            if (random.Next(3) > 0)
            {
                await Task.Delay(random.Next(0, 60), CancellationToken.None);
                await customer.PostAsync($"/api/v1/orders/{order}/cancel", null).Expect(HttpStatusCode.Accepted, HttpStatusCode.Conflict);
            }
        }

        return orders;
    }

    private static async Task<string> ScarceAsync(EmbeddedShopHost shop, int stock)
    {
        const string Sku = "scarce";
        using var put = await shop.Operator.PutAsync($"{shop.InventoryAddress}/ops/products/{Sku}", Json(new JsonObject
        {
            ["name"] = "Scarce",
            ["description"] = "",
            ["price"] = new JsonObject { ["amount"] = 100, ["currency"] = "EUR" },
        }));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        using var receipt = await shop.Operator.PostAsync(
            $"{shop.InventoryAddress}/ops/stock/{Sku}/receipts", Json(new JsonObject { ["receiptId"] = "first", ["quantity"] = stock }));
        Assert.Equal(HttpStatusCode.OK, receipt.StatusCode);
        return Sku;
    }

    private static StringContent Json(JsonObject body) => new(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
}
