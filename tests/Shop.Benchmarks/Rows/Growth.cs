using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.Contracts;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rows;

/// <summary>Reading one order and a customer's newest, placing one and having it confirmed, among more and more orders.</summary>
internal sealed class Growth(TimeProvider clock) : IBenchmark
{
    private const int Callers = 32;
    private const int CustomerCount = 256;
    private const int Portion = 250_000;

    // As far apart as orders of one millisecond each: time stands above 22 bits of an id.
    private const long Step = 1L << 22;

    private static readonly int[] Sizes = [10_000, 500_000, 5_000_000];
    private static readonly int[] SmokeSizes = [1_000, 2_000];

    public string Name => "growth";

    public string Question =>
        "One order by its id, a customer's newest twenty, an order taken in and an order confirmed, through the gateway, among 10,000 to 5,000,000 orders; the reads against pgbench with the same queries.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        // Its orders have neither stock nor payments, so that the invariants of the whole shop cannot hold in it, and reconciliation would look into each.
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken, Reservations.Alone);
        var books = new GrowingBooks(shop.Cluster);
        using (var first = shop.Open(1, _ => Shelves.Sku(0)))
        {
            await first.AsFastAsTheyCanAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        var pattern = await books.FirstAsync(cancellationToken);
        var newest = pattern - Step;
        var tokens = await Sessions.CreateAsync(shop.Cluster, CustomerCount, clock, cancellationToken);
        var port = shop.Cluster.Connections.Ports.Public;
        using var buyers = shop.Open(bench.Options.Callers);
        using var placers = shop.Open(bench.Options.Callers, waits: false);
        var figures = new List<Figure>();
        var made = 0;
        foreach (var size in bench.Sized(Sizes, SmokeSizes))
        {
            for (; made < size; made = Math.Min(size, made + Portion))
            {
                bench.Tell(string.Create(CultureInfo.InvariantCulture, $"{made:N0} of {size:N0} orders are written"));
                await books.Orders.AskAsync(Copies(pattern, newest, made, Math.Min(size, made + Portion)), cancellationToken);
            }

            // A table that was just written is not what one has.
            await books.Orders.AskAsync("VACUUM ANALYZE orders; CHECKPOINT;", cancellationToken);

            using var get = new PageReaders(port, (caller, random) => $"/api/v1/orders/{OrderOf(caller, random)}", Callers, tokens, bytes: null);
            using var list = new PageReaders(port, (_, _) => "/api/v1/orders?limit=20", Callers, tokens, bytes: null);
            await MeasureAsync("one order", Reader(get), "get-order.pgbench");
            await MeasureAsync("newest twenty", Reader(list), "list-orders.pgbench");
            await MeasureAsync("order taken in", Buyer(placers), null);
            await MeasureAsync("checkout", Buyer(buyers), null);

            // Of this caller's customer: each has every 256th.
            string OrderOf(int caller, Random random) =>
                (newest - (((random.Next(size / CustomerCount) * (long)CustomerCount) + caller) * Step)).ToString(CultureInfo.InvariantCulture);

            async Task MeasureAsync(string what, Contender ours, string? script) => figures.AddRange(await new Referee(bench, clock).RunAsync(
                new Contest(string.Create(CultureInfo.InvariantCulture, $"{what} among {size:N0}"), "requests", [ours])
                {
                    Limit = script is null ? null : Pgbench($"pgbench, {what}", script),
                    Point = new PlotPoint("orders", size, what),
                },
                cancellationToken));

            Contender Pgbench(string name, string script) => new(name, (duration, token) => books.Orders.RunAsync(
                script, SqlRival.Clients, duration, simple: false, token, ("orders", $"{size}"), ("newest", $"{newest}")))
            {
                SettlesAfter = 0,

                // Who asks for what is not there is answered sooner.
                VerifyAsync = async (_, token) => await books.HoldsAsync(newest - ((size - 1) * Step), 1 + ((size - 1) % CustomerCount), token)
                    ? null
                    : "the orders that pgbench asks for are not there",
            };
        }

        return [.. figures.Select(figure => BesideTheFirst(figure, figures.First(first => first.Point!.Series == figure.Point!.Series)))];

        Contender Reader(PageReaders readers) => new("shop", readers.RunAsync) { SettlesAfter = OrderingShop.SettlesAfter, VerifyAsync = PageReaders.AllAnsweredAsync };

        Contender Buyer(OrderingShop.Buyers callers) => new("shop", callers.AsFastAsTheyCanAsync)
        {
            SettlesAfter = OrderingShop.SettlesAfter,
            VerifyAsync = (sample, token) => books.VerifyAsync(pattern, sample, token),
            CountersAsync = shop.CountersAsync,
        };
    }

    // What it was among the fewest orders is the rival: they cannot run in turn.
    private static Figure BesideTheFirst(Figure figure, Figure first) => figure == first ? figure : figure with
    {
        Rivals = new Dictionary<string, double?> { [first.Name] = first.Rate },
    };

    // Copies of a real order, so that every column is what the shop writes. Older than it, as ids go: new ones come at the end of every index, as ever.
    private static string Copies(long pattern, long newest, int from, int to) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        INSERT INTO orders (id, customer_id, request_key, fingerprint, checkout, status, reason, lines_json, total_amount, currency, created_at, updated_at,
            version, step, awaiting, cancel_requested, attempts, due_at, history_text)
        SELECT {newest} - i::bigint * {Step}, 1 + mod(i, {CustomerCount}), 'copy/' || md5(i::text), fingerprint, checkout, status, reason, lines_json, total_amount, currency,
            created_at, updated_at, version, step, awaiting, cancel_requested, attempts, due_at, history_text
        FROM orders CROSS JOIN generate_series({from}, {to - 1}) i
        WHERE id = {pattern};
        """);

    /// <summary>The three services' databases, which must say the same of the orders that were not copied.</summary>
    private sealed class GrowingBooks(ShopCluster cluster)
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

        private readonly Pgbench _inventory = new(cluster, ServiceNames.Inventory);
        private readonly Pgbench _payments = new(cluster, ServiceNames.Payments);
        private long _before;

        public Pgbench Orders { get; } = new(cluster, ServiceNames.Ordering);

        public async Task<long> FirstAsync(CancellationToken cancellationToken) =>
            await CountAsync(Orders, "SELECT min(id) FROM orders WHERE status = 2;", cancellationToken);

        public async Task<bool> HoldsAsync(long id, int customer, CancellationToken cancellationToken) =>
            await CountAsync(Orders, $"SELECT count(*) FROM orders WHERE id = {id} AND customer_id = {customer};", cancellationToken) == 1;

        public async Task<string?> VerifyAsync(long first, Sample sample, CancellationToken cancellationToken)
        {
            using var patience = new CancellationTokenSource(Patience);
            while (await CountAsync(Orders, "SELECT count(*) FROM orders WHERE status IN (1, 4);", cancellationToken) is var left and > 0)
            {
                if (patience.IsCancellationRequested)
                {
                    return $"{left} orders did not come to an end";
                }

                await Task.Delay(Pause, cancellationToken);
            }

            var confirmed = await CountAsync(Orders, $"SELECT count(*) FROM orders WHERE id >= {first} AND status = 2;", cancellationToken);
            var sold = await CountAsync(_inventory, "SELECT count(*) FROM reservations WHERE state = 'sold';", cancellationToken);
            var paid = await CountAsync(_payments, "SELECT count(*) FROM payments WHERE state = 'captured';", cancellationToken);
            var found = confirmed - _before;
            _before = confirmed;
            return confirmed != sold || confirmed != paid ? $"{confirmed} orders are confirmed, {sold} reservations sold and {paid} payments captured"
                : found < sample.Operations ? $"{sample.Operations} orders were called confirmed, and {found} are" : null;
        }

        private static async Task<long> CountAsync(Pgbench books, string query, CancellationToken cancellationToken) =>
            long.Parse(await books.AskAsync(query, cancellationToken), CultureInfo.InvariantCulture);
    }
}
