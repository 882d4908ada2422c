using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using Shop.Lab.Cluster;
using Shop.Lab.Load;
using Shop.Lab.Measuring;
using Shop.Lab.Seed;

namespace Shop.Lab.Protocols;

/// <summary>One run over all protocols. They alternate within each combination, so that a machine that gets slower slows all of them.</summary>
internal sealed class ProtocolsRun(ShopCluster cluster, ProtocolsOptions options)
{
    private const int Articles = 100;
    private const int EnteringAtOnce = 4;
    private const int CutBuyers = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    public async Task<ProtocolsReport> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 200, UseCookies = false }) { BaseAddress = cluster.Connections.Public, Timeout = TimeSpan.FromSeconds(60) };
        using var operatorClient = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        operatorClient.DefaultRequestHeaders.Add("Shop-Operator-Key", cluster.Secrets.OperatorKey);

        var name = Guid.NewGuid().ToString("N")[..8];
        progress($"{ProtocolsOptions.Buyers.Max()} buyers register, {Articles} articles are put on the shelves");
        var articles = Enumerable.Range(0, Articles).Select(i => $"measure-{name}-{i}").ToList();
        await Parallel.ForEachAsync(articles, cancellationToken, async (sku, token) => await StockAsync(operatorClient, sku, token));
        var buyers = Enumerable.Range(1, ProtocolsOptions.Buyers.Max()).Select(i => new Shopper(http, $"buyer-{name}-{i}", SeedOptions.DefaultPassword, new Random(i), 1)).ToList();
        await Parallel.ForEachAsync(
            buyers,
            new ParallelOptions { MaxDegreeOfParallelism = EnteringAtOnce, CancellationToken = cancellationToken },
            async (buyer, token) => await buyer.EnterAsync(isNew: true, token));

        foreach (var protocol in ProtocolsOptions.Protocols)
        {
            progress($"{protocol} warms up");
            await MeasureAsync(protocol, buyers.Take(10), articles, operatorClient, ClusterCounters.None, cancellationToken);
        }

        var idle = await IdleAsync(operatorClient, cancellationToken);
        var cells = new List<Cell>();
        foreach (var oneArticle in new[] { false, true })
        {
            foreach (var count in ProtocolsOptions.Buyers)
            {
                foreach (var protocol in ProtocolsOptions.Protocols)
                {
                    var cell = await MeasureAsync(
                        protocol, buyers.Take(count), oneArticle ? articles[..1] : articles, operatorClient, idle, cancellationToken);
                    progress(FormattableString.Invariant($"{protocol}, {count} buyers, {(oneArticle ? "one article" : "many articles")}: {cell.PerSecond:F0} orders/s"));
                    cells.Add(cell);
                }
            }
        }

        var cuts = new List<CutResult>();
        foreach (var protocol in ProtocolsOptions.Protocols)
        {
            progress($"{protocol} while payments is cut off for {options.Cut.TotalSeconds} s");
            cuts.Add(await CutAsync(protocol, buyers, articles[0], operatorClient, cancellationToken));
        }

        return new ProtocolsReport(options, cells, cuts);
    }

    private static async Task StockAsync(HttpClient http, Uri inventory, string sku, CancellationToken cancellationToken)
    {
        var product = new { name = sku, description = "For a measurement.", price = new { amount = 1, currency = "EUR" } };
        (await http.PutAsJsonAsync(new Uri(inventory, $"/ops/products/{sku}"), product, cancellationToken)).EnsureSuccessStatusCode();
        var receipt = new { receiptId = sku, quantity = 1_000_000 };
        (await http.PostAsJsonAsync(new Uri(inventory, $"/ops/stock/{sku}/receipts"), receipt, cancellationToken)).EnsureSuccessStatusCode();
    }

    private Task StockAsync(HttpClient http, string sku, CancellationToken cancellationToken) => StockAsync(http, Inventory, sku, cancellationToken);

    private Uri Inventory => new($"http://127.0.0.1:{cluster.Connections.Ports.Inventory(1)}");

    private async Task<ClusterCounters> IdleAsync(HttpClient operatorClient, CancellationToken cancellationToken)
    {
        var before = await ClusterCounters.ReadAsync(cluster, operatorClient, cancellationToken);
        await Task.Delay(Idle, cancellationToken);
        var after = await ClusterCounters.ReadAsync(cluster, operatorClient, cancellationToken);
        return ClusterCounters.None.Minus(after.Minus(before), -1 / Idle.TotalSeconds);
    }

    private async Task<Cell> MeasureAsync(
        string protocol,
        IEnumerable<Shopper> buyers,
        IReadOnlyList<string> articles,
        HttpClient operatorClient,
        ClusterCounters idlePerSecond,
        CancellationToken cancellationToken)
    {
        var before = await ClusterCounters.ReadAsync(cluster, operatorClient, cancellationToken);
        var orders = new ConcurrentBag<(string, TimeSpan)>();
        var started = Stopwatch.GetTimestamp();
        var crowd = buyers.ToList();
        await Task.WhenAll(crowd.Select((buyer, number) => Task.Run(
            async () =>
            {
                var random = new Random(number);
                while (Stopwatch.GetElapsedTime(started) < options.Cell)
                {
                    orders.Add(await buyer.BuyAsync(articles[random.Next(articles.Count)], protocol, Patience, cancellationToken));
                }
            },
            cancellationToken)));
        var took = Stopwatch.GetElapsedTime(started);
        var cost = (await ClusterCounters.ReadAsync(cluster, operatorClient, cancellationToken)).Minus(before).Minus(idlePerSecond, took.TotalSeconds);
        return new Cell(protocol, crowd.Count, articles.Count == 1, took, [.. orders], cost);
    }

    // Both replicas are frozen: to everybody else that is a network that swallows what is sent.
    private async Task<CutResult> CutAsync(
        string protocol, IReadOnlyList<Shopper> buyers, string sku, HttpClient operatorClient, CancellationToken cancellationToken)
    {
        string[] payments = ["payments-1", "payments-2"];
        var (asked, takenIn, tried, wentThrough) = (0, 0, 0, 0);
        foreach (var replica in payments)
        {
            await cluster.PauseAsync(replica, cancellationToken);
        }

        try
        {
            var started = Stopwatch.GetTimestamp();
            var ordering = buyers.Take(CutBuyers).Select(buyer => Task.Run(
                async () =>
                {
                    while (Stopwatch.GetElapsedTime(started) < options.Cut)
                    {
                        Interlocked.Increment(ref asked);
                        var (outcome, _) = await buyer.BuyAsync(sku, protocol, TimeSpan.Zero, cancellationToken);
                        Interlocked.Add(ref takenIn, outcome is "pending" ? 1 : 0);
                        await Task.Delay(100, cancellationToken);
                    }
                },
                cancellationToken)).ToList();
            while (Stopwatch.GetElapsedTime(started) < options.Cut)
            {
                tried++;
                wentThrough += await ReceiveAsync(operatorClient, sku, cancellationToken) ? 1 : 0;
                await Task.Delay(100, cancellationToken);
            }

            await Task.WhenAll(ordering);
        }
        finally
        {
            foreach (var replica in payments)
            {
                await cluster.ResumeAsync(replica, CancellationToken.None);
            }
        }

        var healed = Stopwatch.GetTimestamp();
        await Task.WhenAll(buyers.Take(CutBuyers).Select(buyer => buyer.DrainAsync(cancellationToken)));
        return new CutResult(protocol, asked, takenIn, tried, wentThrough, Stopwatch.GetElapsedTime(healed));
    }

    private async Task<bool> ReceiveAsync(HttpClient http, string sku, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LockPatience);
        try
        {
            var receipt = new { receiptId = Guid.NewGuid().ToString(), quantity = 1 };
            using var response = await http.PostAsJsonAsync(new Uri(Inventory, $"/ops/stock/{sku}/receipts"), receipt, patience.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
