using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Caching;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Product pages of a whole cluster, three replicas of each service: what reaches the database, and what is shown after a change.</summary>
[Collection(OwnCluster.Name)]
public sealed class CacheFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Nodes = 3;

    // Twice as long as it takes a replica to find out what it was not told.
    private static readonly TimeSpan LongerThanALook = TimeSpan.FromSeconds(2);

    private readonly TempDirectory _directory = new();
    private readonly HttpClient _operator = new() { Timeout = TimeSpan.FromMinutes(1) };
    private ShopCluster _cluster = null!;
    private int _products;

    public async Task InitializeAsync()
    {
        _cluster = await Servers.UpAsync(
            _directory.Path, ClusterParts.All | ClusterParts.Links, settings: new Dictionary<string, string> { ["Redis:OperationTimeout"] = "00:00:10" },
            change: options => options with { Replicas = Nodes });
        _operator.DefaultRequestHeaders.Add("Shop-Operator-Key", _cluster.Secrets.OperatorKey);
    }

    public async Task DisposeAsync()
    {
        _operator.Dispose();
        if (_cluster is not null)
        {
            await _cluster.DownAsync();
        }

        Assert.Empty(Servers.Left(_directory.Path));
        _directory.Dispose();
    }

    // One cluster, and the faults one after the other: to start it takes longer than all of them.
    [Fact]
    public async Task A_cluster_keeps_its_pages_right_and_its_database_quiet()
    {
        await The_expiry_of_a_hot_product_is_read_once_for_five_hundred_readers();
        await A_page_costs_less_the_nearer_it_is_kept();
        await A_change_is_seen_at_every_replica_and_gateway();
        await What_was_not_there_is_found_when_it_is_made();
        await A_replica_that_hears_of_no_change_recovers_by_itself();
        await A_change_survives_the_death_of_who_made_it_before_anybody_was_told();
        await Without_Redis_pages_are_served();
    }

    private async Task The_expiry_of_a_hot_product_is_read_once_for_five_hundred_readers()
    {
        var seen = await QuietAsync();
        var sku = await NewProductAsync();
        seen = await QuietAsync(seen + Nodes);
        for (var round = 0; round < 3; round++)
        {
            (await _operator.DeleteAsync(new Uri($"{Inventory(1)}/ops/cache/products/{sku}"))).EnsureSuccessStatusCode();
            seen = await QuietAsync(seen + Nodes);

            var (before, stockBefore, joinedBefore) = (await EventsAsync("products", "loads"), await EventsAsync("stock", "loads"), await AvoidedAsync());
            var pages = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => _operator.GetAsync(new Uri($"{Inventory((i % Nodes) + 1)}/api/v1/products/{sku}")))));

            Assert.All(pages, page => Assert.Equal(HttpStatusCode.OK, page.StatusCode));
            var (loads, stock) = (await EventsAsync("products", "loads") - before, await EventsAsync("stock", "loads") - stockBefore);
            output.WriteLine($"500 readers at {Nodes} replicas, just after the entry was dropped: {loads} read the product in the database, {stock} its stock; stampedes avoided: {await AvoidedAsync() - joinedBefore}");

            // Once, where nothing stands still. A replica that does not hear from Redis for three seconds keeps what it reads for one second only, and reads it
            // again: a few more, where a stampede is hundreds.
            Assert.InRange(loads, 1, 25);
        }
    }

    private async Task A_page_costs_less_the_nearer_it_is_kept()
    {
        const int requests = 1000;
        var page = $"/api/v1/products/{await NewProductAsync()}";
        var gateway = $"http://127.0.0.1:{_cluster.Connections.Ports.Gateway(1)}";
        await Task.Delay(TimeSpan.FromSeconds(4)); // past the time in which the edge keeps nothing of a product that was changed
        var etag = (await _operator.GetAsync(new Uri($"{gateway}{page}"))).Headers.ETag!;

        // The stock of a product is read from the database each time: by its key, as a page without a cache would be.
        await MeasureAsync("inventory, from the database (its stock)", $"{Inventory(1)}{page}/stock", conditional: false);
        await MeasureAsync("inventory, from its memory", $"{Inventory(1)}{page}", conditional: false);
        await MeasureAsync("gateway, through to the database (its stock)", $"{gateway}{page}/stock", conditional: false);
        await MeasureAsync("gateway, from the edge", $"{gateway}{page}", conditional: false);
        await MeasureAsync("gateway, 304 from the edge", $"{gateway}{page}", conditional: true);

        async Task MeasureAsync(string name, string address, bool conditional)
        {
            for (var round = 0; round < 2; round++)
            {
                var began = Stopwatch.GetTimestamp();
                for (var i = 0; i < requests; i++)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, address);
                    if (conditional)
                    {
                        request.Headers.IfNoneMatch.Add(etag);
                    }

                    using var response = await _operator.SendAsync(request);
                    Assert.True(response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.NotModified or HttpStatusCode.TooManyRequests);
                }

                if (round == 1)
                {
                    output.WriteLine($"{name}: {Stopwatch.GetElapsedTime(began).TotalMicroseconds / requests:F0} us per request, one after the other");
                }
            }
        }
    }

    private async Task A_change_is_seen_at_every_replica_and_gateway()
    {
        var sku = await NewProductAsync();
        await EverywhereAsync(sku, 100);
        var changed = Stopwatch.GetTimestamp();
        await PutAsync(1, sku, 200);
        await EverywhereAsync(sku, 200);
        output.WriteLine($"a change was seen at {Nodes} replicas and 2 gateways after {Stopwatch.GetElapsedTime(changed).TotalMilliseconds:F0} ms");
    }

    private async Task What_was_not_there_is_found_when_it_is_made()
    {
        var sku = NewSku();
        foreach (var address in Everywhere())
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _operator.GetAsync(new Uri($"{address}/api/v1/products/{sku}"))).StatusCode);
        }

        await PutAsync(2, sku, 300);
        await EverywhereAsync(sku, 300);
    }

    private async Task A_replica_that_hears_of_no_change_recovers_by_itself()
    {
        var sku = await NewProductAsync();
        await EverywhereAsync(sku, 100);
        var link = _cluster.Link("inventory-2", "redis");
        var changed = Stopwatch.GetTimestamp();
        try
        {
            await link.CutAsync();
            await PutAsync(1, sku, 200);
            await Until.HoldsAsync(async () => await PriceAsync(Inventory(2), sku) == 200); // by its short life alone
            output.WriteLine($"with its link to Redis cut, a replica showed a change after {Stopwatch.GetElapsedTime(changed).TotalMilliseconds:F0} ms");
        }
        finally
        {
            await link.HealAsync();
        }

        await Until.HoldsAsync(async () => (await ReportAsync(2))["feed"]!["hearsOfChanges"]!.GetValue<bool>());
        await PutAsync(1, sku, 300);
        await EverywhereAsync(sku, 300);
    }

    private async Task A_change_survives_the_death_of_who_made_it_before_anybody_was_told()
    {
        var sku = await NewProductAsync();
        await EverywhereAsync(sku, 100);
        await Until.HoldsAsync(async () => await SharedVersionAsync(sku) == "1");
        var link = _cluster.Link("inventory", "redis");
        try
        {
            await link.CutAsync();
            await PutAsync(1, sku, 200); // committed; nobody can be told
            await _cluster.KillAsync("inventory-1");
            Assert.Equal("1", await SharedVersionAsync(sku));
        }
        finally
        {
            await link.HealAsync();
        }

        var healed = Stopwatch.GetTimestamp();
        await Until.HoldsAsync(async () => await SharedVersionAsync(sku) == "2");
        output.WriteLine($"a change whose maker was killed before it told anybody was in Redis {Stopwatch.GetElapsedTime(healed).TotalMilliseconds:F0} ms after Redis could be reached again");
        await _cluster.StartAsync("inventory-1");
        await EverywhereAsync(sku, 200);
    }

    private async Task Without_Redis_pages_are_served()
    {
        var sku = await NewProductAsync();
        await EverywhereAsync(sku, 100);
        await _cluster.KillAsync("redis");
        try
        {
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal(100, await PriceAsync(Inventory((i % Nodes) + 1), sku));
                Assert.Equal(HttpStatusCode.OK, (await _operator.GetAsync(new Uri(_cluster.Connections.Public, $"/api/v1/products/{sku}"))).StatusCode);
            }

            await PutAsync(3, sku, 200);
            await EverywhereAsync(sku, 200);
        }
        finally
        {
            await _cluster.StartAsync("redis");
        }

        await Until.HoldsAsync(async () => await SharedVersionAsync(sku) == "2");
        await EverywhereAsync(sku, 200);
    }

    private string Inventory(int replica) => $"http://127.0.0.1:{_cluster.Connections.Ports.Inventory(replica)}";

    private IEnumerable<string> Everywhere() =>
    [
        .. Enumerable.Range(1, Nodes).Select(Inventory),
        .. Enumerable.Range(1, 2).Select(gateway => $"http://127.0.0.1:{_cluster.Connections.Ports.Gateway(gateway)}"),
    ];

    // Seen once at each address, and then not gone back anywhere.
    private async Task EverywhereAsync(string sku, int price)
    {
        foreach (var address in Everywhere())
        {
            await Until.HoldsAsync(async () => await PriceAsync(address, sku) == price);
        }

        foreach (var address in Everywhere())
        {
            int? shown = null;
            await Until.HoldsAsync(async () => (shown = await PriceAsync(address, sku)) is not null);
            Assert.Equal(price, shown);
        }
    }

    /// <summary>Null where there is no such product yet, or nobody serves it now.</summary>
    private async Task<int?> PriceAsync(string address, string sku)
    {
        using var response = await _operator.GetAsync(new Uri($"{address}/api/v1/products/{sku}"));
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<JsonNode>())!["price"]!["amount"]!.GetValue<int>() : null;
    }

    private async Task<string> NewProductAsync()
    {
        var sku = NewSku();
        await PutAsync(1, sku, 100);
        return sku;
    }

    private string NewSku() => string.Create(CultureInfo.InvariantCulture, $"cached-{++_products}");

    private async Task PutAsync(int replica, string sku, int price) => (await _operator.PutAsJsonAsync(
        new Uri($"{Inventory(replica)}/ops/products/{sku}"),
        new { name = sku, description = "", price = new { amount = price, currency = "EUR" } })).EnsureSuccessStatusCode();

    private async Task<JsonNode> ReportAsync(int replica) => (await _operator.GetFromJsonAsync<JsonNode>(new Uri($"{Inventory(replica)}/ops/cache")))!;

    private async Task<long> SumAsync(Func<JsonNode, long> number) =>
        (await Task.WhenAll(Enumerable.Range(1, Nodes).Select(ReportAsync))).Sum(number);

    // Every replica has heard of everything there was.
    private async Task<long> QuietAsync(long atLeast = 0)
    {
        var (seen, since) = (-1L, 0L);
        await Until.HoldsAsync(async () =>
        {
            var now = await SumAsync(report => report["feed"]!["seen"]!.GetValue<long>());
            (seen, since) = now == seen ? (seen, since) : (now, Stopwatch.GetTimestamp());
            return seen >= atLeast && seen % Nodes == 0 && Stopwatch.GetElapsedTime(since) > LongerThanALook;
        });
        return seen;
    }

    private Task<long> EventsAsync(string cache, string what) => SumAsync(report =>
        report["caches"]!.AsArray().Single(c => c!["name"]!.GetValue<string>() == cache)!["events"]![what]!.GetValue<long>());

    private async Task<long> AvoidedAsync() => await EventsAsync("products", "joined") + await EventsAsync("products", "awaited");

    private Task<string> SharedVersionAsync(string sku) => Clients.RedisAsync(
        _cluster.Connections.Ports.Redis, $"AUTH {_cluster.Secrets.Redis}", $"HGET shop:cache:products:{sku} version");
}
