using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster;
using Shop.Lab.Measuring;

namespace Shop.Benchmarks.Load;

/// <summary>The whole shop on the cluster, with customers and articles, and orders through load balancer and gateway.</summary>
internal sealed class OrderingShop : IDisposable
{
    /// <summary>For contenders that send orders to a shop that is warm: each has a path of its own.</summary>
    public const int SettlesAfter = 2;

    /// <summary>For processes that have just been started: they compile themselves at once on shared cores, and pause in between, so that it may go on
    /// after several turns without a gain.</summary>
    public const int NewSettlesAfter = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ShopCluster _cluster;
    private readonly HttpClient _operator;
    private readonly IReadOnlyList<string> _tokens;
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private long _number;
    private long _confirmedBefore;

    private OrderingShop(ShopCluster cluster, HttpClient operatorClient, IReadOnlyList<string> tokens) =>
        (_cluster, _operator, _tokens) = (cluster, operatorClient, tokens);

    public ShopCluster Cluster => _cluster;

    public int Articles { get; private init; }

    public HttpClient Operator => _operator;

    public static async Task<OrderingShop> OpenAsync(
        Workbench bench, CancellationToken cancellationToken, Func<ClusterOptions, ClusterOptions>? change = null)
    {
        var cluster = await bench.ClusterAsync(change ?? (options => options), cancellationToken);
        var http = OperatorOf(cluster);
        var articles = await Shelves.FillAsync(bench, cluster, http, cancellationToken);
        var shop = new OrderingShop(cluster, http, await Customers.EnterAsync(bench, cluster, cancellationToken)) { Articles = articles };
        shop._confirmedBefore = (await shop.QuietAsync(cancellationToken)).Confirmed;
        if (!bench.Options.Smoke)
        {
            await bench.OnceAsync("warm", () => shop.WarmUpAsync(bench, cancellationToken));
        }

        return shop;
    }

    public static HttpClient OperatorOf(ShopCluster cluster)
    {
        var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Add("Shop-Operator-Key", cluster.Secrets.OperatorKey);
        return http;
    }

    /// <summary>Callers who each place an order, wait for its end, and place the next.</summary>
    /// <param name="sku">Which article, by a random number; any when left out.</param>
    /// <param name="checkout">The protocol that they ask for.</param>
    /// <param name="waits">False is content with the 202.</param>
    public Buyers Open(int callers, Func<Random, string>? sku = null, string checkout = "saga", bool waits = true) =>
        new(this, callers, sku ?? (random => Shelves.Any(random, Articles)), checkout, waits);

    public async Task<IReadOnlyDictionary<string, double>> CountersAsync(CancellationToken cancellationToken)
    {
        var counters = await ClusterCounters.ReadAsync(_cluster, _operator, cancellationToken);
        return new Dictionary<string, double>
        {
            ["commits"] = counters.Commits,
            ["statements"] = counters.Statements,
            ["messages"] = counters.Messages,
            ["envelopes"] = counters.Envelopes,
            ["WAL bytes"] = counters.WalBytes,
        };
    }

    /// <summary>Waits until nothing is in flight, then proves the invariants, and that each order that was confirmed to its caller is confirmed.</summary>
    public async Task<string?> VerifyAsync(Sample sample, CancellationToken cancellationToken)
    {
        var (confirmed, broken) = await QuietAsync(cancellationToken);
        var found = confirmed - _confirmedBefore;
        _confirmedBefore = confirmed;

        // More than were told so is no violation: a caller may have given up waiting.
        return broken ?? (found < sample.Operations
            ? string.Create(CultureInfo.InvariantCulture, $"{sample.Operations} orders were called confirmed, and {found} are")
            : null);
    }

    public void Dispose() => _operator.Dispose();

    private async Task<double> WarmUpAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var buyers = Open(bench.Options.Callers);
        return await WarmUp.RunAsync(
            bench, "a new cluster", "orders", new Contender("shop", buyers.AsFastAsTheyCanAsync) { SettlesAfter = NewSettlesAfter, VerifyAsync = VerifyAsync }, cancellationToken);
    }

    private async Task<(long Confirmed, string? Broken)> QuietAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var address = new Uri($"http://127.0.0.1:{_cluster.Connections.Ports.Ordering(1)}/ops/invariants");
        while (true)
        {
            JsonObject report;
            try
            {
                report = (await _operator.GetFromJsonAsync<JsonObject>(address, cancellationToken))!;
            }
            catch (HttpRequestException) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(Pause, cancellationToken); // one of the services did not answer ordering in time
                continue;
            }

            if (report["inFlight"]!.GetValue<long>() > 0)
            {
                if (patience.IsCancellationRequested)
                {
                    return (_confirmedBefore, $"{report["inFlight"]} orders did not come to an end");
                }

                await Task.Delay(Pause, cancellationToken);
                continue;
            }

            var broken = report["invariants"]!.AsArray().FirstOrDefault(invariant => !invariant!["holds"]!.GetValue<bool>());
            return (report["ordersByStatus"]!["confirmed"]?.GetValue<long>() ?? 0, broken is null ? null : $"invariant {broken["number"]} does not hold: {broken["examples"]?[0]?["what"]}");
        }
    }

    /// <summary>One connection for each caller, spread over the customers.</summary>
    internal sealed class Buyers : IDisposable
    {
        private readonly OrderingShop _shop;
        private readonly Func<Random, string> _sku;
        private readonly string _checkout;
        private readonly bool _waits;
        private readonly List<(HttpCaller Http, Random Random)> _callers;

        public Buyers(OrderingShop shop, int callers, Func<Random, string> sku, string checkout, bool waits)
        {
            (_shop, _sku, _checkout, _waits) = (shop, sku, checkout, waits);
            _callers = [.. Enumerable.Range(0, callers).Select(number => (new HttpCaller(shop._cluster.Connections.Ports.Public), new Random(number)))];
        }

        public Task<Sample> AsFastAsTheyCanAsync(TimeSpan duration, CancellationToken cancellationToken) =>
            ClosedLoop.RunAsync(_callers.Count, duration, caller => BuyAsync(caller, cancellationToken), cancellationToken);

        public Task<Sample> AtAsync(double perSecond, TimeSpan duration, CancellationToken cancellationToken) =>
            OpenLoop.RunAsync(perSecond, _callers.Count, duration, caller => BuyAsync(caller, cancellationToken), cancellationToken);

        public void Dispose() => _callers.ForEach(caller => caller.Http.Dispose());

        // Null when it was confirmed, or taken in where that is all they want, as for the loops.
        private async ValueTask<string?> BuyAsync(int caller, CancellationToken cancellationToken)
        {
            var (http, random) = _callers[caller];
            try
            {
                var answer = await http.SendAsync(Request(caller, random), cancellationToken);
                if (!_waits && answer.Status is 202)
                {
                    return null;
                }

                return answer.Status is 200 && answer.Body.Span.IndexOf("\"status\":\"confirmed\""u8) >= 0
                    ? null
                    : answer.Status is 200 or 202 ? "not confirmed" : string.Create(CultureInfo.InvariantCulture, $"answered {answer.Status}");
            }
            catch (Exception exception) when (exception is SocketException or InvalidDataException)
            {
                return "broken connections";
            }
        }

        private byte[] Request(int caller, Random random)
        {
            var body = $$"""{"lines":[{"sku":"{{_sku(random)}}","quantity":1}],"checkout":"{{_checkout}}"}""";
            return Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {_shop._tokens[caller % _shop._tokens.Count]}\r\n"
                + $"Idempotency-Key: {_shop._run}-{Interlocked.Increment(ref _shop._number)}\r\n{(_waits ? "Prefer: wait=30\r\n" : "")}"
                + $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        }
    }
}
