using System.Net;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Crashes;

/// <summary>The real process, killed with SIGKILL at random moments under load, over one data directory.</summary>
public sealed class KillRoundsTests(ITestOutputHelper output)
{
    private const int Rounds = 20;
    private const int Customers = 8;
    private const int Seed = 20_260_101;

    [Fact]
    public async Task Twenty_kills_lose_no_acknowledged_order_and_double_nothing()
    {
        using var data = new TempDirectory();
        var port = Ports.Free(4);
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}");
        var buyers = Enumerable.Range(0, Customers).Select(i => new Buyer($"http://localhost:{port}", new Random(Seed + i))).ToList();

        for (var round = 1; round <= Rounds; round++)
        {
            using var shop = await ShopProcess.StartAsync(data.Path, port);
            using var over = new CancellationTokenSource();
            var buying = buyers.Select(b => b.BuyUntilAsync(over.Token)).ToList();
            await Task.Delay(random.Next(200, 1500));
            await shop.KillAsync();
            await over.CancelAsync();
            await Task.WhenAll(buying);
        }

        using var last = await ShopProcess.StartAsync(data.Path, port);
        foreach (var buyer in buyers)
        {
            await buyer.SettleAsync();
        }

        var report = await last.QuietInvariantsAsync();
        output.WriteLine($"{buyers.Sum(b => b.Acknowledged)} orders acknowledged, {buyers.Sum(b => b.Unanswered)} requests cut off by a kill");
        output.WriteLine(report.ToJsonString());
        Invariants.AssertHold(report);

        // A run that was never interrupted in the middle of something would prove nothing. How much is bought is a matter of the machine.
        Assert.True(buyers.Sum(b => b.Acknowledged) > Rounds);
        Assert.True(buyers.Sum(b => b.Unanswered) > Rounds);
    }

    /// <summary>A customer who remembers every key it used and every answer it got.</summary>
    private sealed class Buyer(string address, Random random)
    {
        private readonly Dictionary<string, string?> _orderByKey = [];
        private string? _name;

        public int Acknowledged => _orderByKey.Values.Count(id => id is not null);

        public int Unanswered { get; private set; }

        public async Task BuyUntilAsync(CancellationToken over)
        {
            using var client = new ShopClient(address);
            try
            {
                await EnterAsync(client);
                while (!over.IsCancellationRequested)
                {
                    // Sometimes again with an old key: a retry, whether its first answer came or not.
                    var key = random.Next(4) == 0 && _orderByKey.Count > 0 ? _orderByKey.Keys.ElementAt(random.Next(_orderByKey.Count)) : $"key-{_orderByKey.Count}";
                    _orderByKey.TryAdd(key, null);
                    await PlaceAsync(client, key);
                    if (random.Next(6) == 0 && _orderByKey[key] is { } id)
                    {
                        await client.PostAsync($"/api/v1/orders/{id}/cancel", new { });
                    }
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException)
            {
                Unanswered++; // the kill: what became of the request is unknown
            }
        }

        public async Task SettleAsync()
        {
            using var client = new ShopClient(address);
            await EnterAsync(client);
            foreach (var key in _orderByKey.Keys.ToList())
            {
                await PlaceAsync(client, key);
            }

            var spent = 0L;
            foreach (var id in _orderByKey.Values)
            {
                var order = await client.FinalAsync(id!, seconds: 60);
                spent += order["status"]!.GetValue<string>() == "confirmed" ? order["total"]!["amount"]!.GetValue<long>() : 0;
            }

            Assert.Equal(_orderByKey.Count, _orderByKey.Values.Distinct().Count());
            Assert.Equal(_orderByKey.Count, await CountOrdersAsync(client));
            Assert.Equal(10_000 - spent, await client.BalanceAsync());
        }

        private async Task EnterAsync(ShopClient client)
        {
            var name = _name ??= $"buyer-{Guid.NewGuid():N}";
            client.Rename(name);
            await client.RegisterAsync().Expect(HttpStatusCode.Created, HttpStatusCode.Conflict); // the first registration may have been cut off
            await client.LogInAsync();
        }

        // One key always asks for the same lines, and is always answered with the same order.
        private async Task PlaceAsync(ShopClient client, string key)
        {
            var choice = new Random(key.GetHashCode(StringComparison.Ordinal) & int.MaxValue);
            var cheap = choice.Next(10) > 0;
            var reply = await client.OrderAsync(cheap ? "umbrella" : "expedition-tent", 1, key).Expect(HttpStatusCode.Accepted);
            var id = reply.Body["id"]!.GetValue<string>();
            Assert.True(_orderByKey[key] is null || _orderByKey[key] == id, $"key {key} was answered with {_orderByKey[key]} and now with {id}");
            _orderByKey[key] = id;
        }

        private static async Task<int> CountOrdersAsync(ShopClient client)
        {
            var count = 0;
            var path = "/api/v1/orders?limit=100";
            while (true)
            {
                var page = (await client.GetAsync(path).Expect(HttpStatusCode.OK)).Body;
                count += page["items"]!.AsArray().Count;
                if (page["next"]?.GetValue<string>() is not { } next)
                {
                    return count;
                }

                path = $"/api/v1/orders?limit=100&cursor={next}";
            }
        }
    }
}
