using System.Net;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Checkout;

/// <summary>The whole shop with its real databases and handlers, over a transport that breaks every promise but none of its own.</summary>
public sealed class BadRoadTests(ITestOutputHelper output)
{
    private const int Customers = 8;
    private const int OrdersEach = 25;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Lost_doubled_late_and_reordered_messages_cost_time_and_nothing_else(int seed)
    {
        var road = new BadRoad(seed);
        await using var shop = await EmbeddedShopHost.StartAsync(
            road,
            null,
            ("Checkout:ResendAfter", "00:00:00.100"),
            ("Checkout:MaxResendInterval", "00:00:00.500"),
            ("Checkout:Timeout", "00:00:03"),
            ("Checkout:TimerInterval", "00:00:00.050"),
            ("Checkout:AttentionAfter", "100"),
            ("Messaging:MaxBackoff", "00:00:00.100"));

        await Task.WhenAll(Enumerable.Range(0, Customers).Select(i => BuyAsync(shop, new Random((seed * 100) + i))));
        road.Heal();

        var report = await shop.QuietInvariantsAsync();
        output.WriteLine($"seed {seed}: {road.Report}\n{report["ordersByStatus"]!.ToJsonString()}");
        Invariants.AssertHold(report);
        Assert.Equal(Customers * OrdersEach, report["orders"]!.GetValue<int>());
        Assert.Empty(report["needsAttention"]!.AsArray());
        Assert.All(road.Counts, count => Assert.True(count > 5));
        Assert.All(["confirmed", "rejected", "cancelled"], status => Assert.True(report["ordersByStatus"]![status]!.GetValue<int>() > 5));
    }

    private static async Task BuyAsync(EmbeddedShopHost shop, Random random)
    {
        // Lines that meet on the same SKUs, some too dear, some soon sold out; a good part is cancelled at some moment.
        string[] skus = ["umbrella", "limited-edition-lantern", "expedition-tent"];
        using var client = await shop.CustomerAsync();
        await client.DepositAsync(1_000_00).Expect(HttpStatusCode.Created);
        for (var i = 0; i < OrdersEach; i++)
        {
            var lines = skus.Where((_, n) => n == 0 || random.Next(6) == 0).Select(sku => (sku, random.Next(3) + 1)).ToArray();
            var order = await client.OrderAsync(lines).Expect(HttpStatusCode.Accepted);
            if (random.Next(3) == 0)
            {
                await Task.Delay(random.Next(200));
                await client.PostAsync($"/api/v1/orders/{order.Body["id"]!.GetValue<string>()}/cancel", new { }).Expect(HttpStatusCode.Accepted, HttpStatusCode.Conflict);
            }
        }
    }
}
