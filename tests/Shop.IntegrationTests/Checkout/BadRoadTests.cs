using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Checkout;

/// <summary>The whole shop with its real databases and handlers, over a transport and calls that break every promise but none of their own:
/// each customer's orders by another protocol.</summary>
public sealed class BadRoadTests(ITestOutputHelper output)
{
    private const int Customers = 8;
    private const int OrdersEach = 25;

    private static readonly string[] Checkouts = ["saga", "tcc", "message", "tcc"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Lost_doubled_late_and_reordered_messages_cost_time_and_nothing_else(int seed)
    {
        var road = new BadRoad(seed);
        var calls = new BadCalls(seed);
        await using var shop = await EmbeddedShopHost.StartAsync(
            road,
            null,
            services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)),
            null,
            ("Checkout:ResendAfter", "00:00:00.100"),
            ("Checkout:MaxResendInterval", "00:00:00.500"),
            ("Checkout:Timeout", "00:00:10"),
            ("Checkout:HoldFor", "00:00:02"), // shorter than the timeout: participants ask while the coordinator still tries
            ("Checkout:TimerInterval", "00:00:00.050"),
            ("Checkout:AttentionAfter", "100"),
            ("Participant:RecoveryInterval", "00:00:00.200"),
            ("Messaging:MaxBackoff", "00:00:00.100"));

        await Task.WhenAll(Enumerable.Range(0, Customers).Select(i => BuyAsync(shop, Checkouts[i % Checkouts.Length], new Random((seed * 100) + i))));
        road.Heal();
        calls.Heal();

        var report = await shop.QuietInvariantsAsync();
        output.WriteLine($"seed {seed}: {road.Report}; {calls.Report}\n{report["ordersByStatus"]!.ToJsonString()}");
        Invariants.AssertHold(report);
        Assert.Equal(Customers * OrdersEach, report["orders"]!.GetValue<int>());
        Assert.Empty(report["needsAttention"]!.AsArray());
        Assert.All(road.Counts.Concat(calls.Counts), count => Assert.True(count > 5));
        Assert.All(["confirmed", "rejected", "cancelled"], status => Assert.True(report["ordersByStatus"]![status]!.GetValue<int>() > 5));
    }

    private static async Task BuyAsync(EmbeddedShopHost shop, string checkout, Random random)
    {
        // Lines that meet on the same SKUs, some too dear, some soon sold out; a good part is cancelled at some moment.
        string[] skus = ["umbrella", "limited-edition-lantern", "expedition-tent"];
        using var client = await shop.CustomerAsync(checkout);
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
