using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.Contracts;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rows;

/// <summary>One order, and a customer's newest, among more and more orders.</summary>
internal sealed class Growth(TimeProvider clock) : IBenchmark
{
    private const int Callers = 32;
    private const int CustomerCount = 256;

    // As far apart as orders of one millisecond each: time stands above 22 bits of an id.
    private const long Step = 1L << 22;

    private static readonly int[] Sizes = [10_000, 100_000, 1_000_000];

    public string Name => "growth";

    public string Question => "One order by its id and a customer's newest twenty, through the gateway, among 10,000 to 1,000,000 orders, against pgbench with the same queries.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        // Its orders have neither stock nor payments, so that the invariants of the whole shop cannot hold in it: for this row alone.
        using var shop = await OrderingShop.OpenAsync(
            bench,
            cancellationToken,
            options => options with { AppSettings = new Dictionary<string, string>(options.AppSettings) { ["Invariants:WatchEvery"] = "00:00:00" } });
        using (var first = shop.Open(1, _ => Shelves.Sku(0)))
        {
            await first.AsFastAsTheyCanAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        var books = new Pgbench(shop.Cluster, ServiceNames.Ordering);
        var pattern = long.Parse(await books.AskAsync("SELECT min(id) FROM orders WHERE status = 2;", cancellationToken), CultureInfo.InvariantCulture);
        var newest = pattern - Step;
        var tokens = await Sessions.CreateAsync(shop.Cluster, CustomerCount, clock, cancellationToken);
        var port = shop.Cluster.Connections.Ports.Public;
        var figures = new List<Figure>();
        var made = 0;
        foreach (var size in Sizes)
        {
            bench.Tell(string.Create(CultureInfo.InvariantCulture, $"{size - made:N0} orders are written"));
            await books.AskAsync(Copies(pattern, newest, made, size), cancellationToken);
            made = size;

            using var get = new PageReaders(port, (caller, random) => $"/api/v1/orders/{OrderOf(caller, random)}", Callers, tokens, bytes: null);
            using var list = new PageReaders(port, (_, _) => "/api/v1/orders?limit=20", Callers, tokens, bytes: null);
            figures.AddRange(await ReadAsync("one order", get, "get-order.pgbench", size));
            figures.AddRange(await ReadAsync("newest twenty", list, "list-orders.pgbench", size));

            // Of this caller's customer: each has every 256th.
            string OrderOf(int caller, Random random) =>
                (newest - (((random.Next(size / CustomerCount) * (long)CustomerCount) + caller) * Step)).ToString(CultureInfo.InvariantCulture);
        }

        return figures;

        Task<IReadOnlyList<Figure>> ReadAsync(string what, PageReaders readers, string script, int size) => new Referee(bench, clock).RunAsync(
            new Contest(
                string.Create(CultureInfo.InvariantCulture, $"{what} among {size:N0}"), "requests", [new Contender("shop", readers.RunAsync) { VerifyAsync = PageReaders.AllAnsweredAsync }])
            {
                Limit = new Contender($"pgbench, {what}", (duration, token) => books.RunAsync(
                    script, SqlRival.Clients, duration, simple: false, token, ("orders", $"{size}"), ("newest", $"{newest}"))),
                Point = new PlotPoint("orders", size, what),
            },
            cancellationToken);
    }

    // Copies of a real order, so that every column is what the shop writes; VACUUM, because a table that was just written is not what one has.
    private static string Copies(long pattern, long newest, int from, int to) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        INSERT INTO orders SELECT made.* FROM orders o
        CROSS JOIN generate_series({from}, {to - 1}) i
        CROSS JOIN LATERAL jsonb_populate_record(o, jsonb_build_object(
            'id', {newest} - i::bigint * {Step}, 'customer_id', 1 + mod(i, {CustomerCount}), 'request_key', 'copy/' || i)) made
        WHERE o.id = {pattern};
        VACUUM ANALYZE orders;
        """);
}
