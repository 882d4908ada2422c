using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Rivals;
using Shop.Contracts;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Load;

/// <summary>A shop with many orders of long ago, which were copied in, and what may be asked of them.</summary>
/// <remarks>The copies have neither stock nor payments, so that the invariants of the whole shop cannot hold in it: for a cluster that runs for this alone.</remarks>
internal sealed class GrownShop : IDisposable
{
    private const int UsualReaders = 32;
    private const int SmokeReaders = 4;
    private const int CustomerCount = 256;
    private const int Portion = 250_000;

    // As far apart as orders of one millisecond each: time stands above 22 bits of an id.
    private const long Step = 1L << 22;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly OrderingShop _shop;
    private readonly Pgbench _orders;
    private readonly Pgbench _inventory;
    private readonly Pgbench _payments;
    private readonly int _size;
    private readonly long _pattern;
    private readonly List<IDisposable> _callers = [];
    private long _confirmedBefore;

    private GrownShop(OrderingShop shop, Pgbench orders, int size, long pattern)
    {
        (_shop, _orders, _size, _pattern) = (shop, orders, size, pattern);
        (_inventory, _payments) = (new Pgbench(shop.Cluster, ServiceNames.Inventory), new Pgbench(shop.Cluster, ServiceNames.Payments));
    }

    private int ReaderCount { get; init; }

    private IReadOnlyList<string> Tokens { get; init; } = [];

    private long Newest => _pattern - Step;

    private long Oldest => Newest - ((_size - 1) * Step);

    public static async Task<GrownShop> OpenAsync(Workbench bench, int size, TimeProvider clock, CancellationToken cancellationToken)
    {
        var shop = await OrderingShop.OpenAsync(bench, cancellationToken, Reservations.Alone);
        using (var first = shop.Open(1, _ => Shelves.Sku(0)))
        {
            await ConfirmOneAsync(shop, first, cancellationToken);
        }

        var orders = new Pgbench(shop.Cluster, ServiceNames.Ordering);
        var pattern = await CountAsync(orders, "SELECT min(id) FROM orders WHERE status = 2;", cancellationToken);
        var grown = new GrownShop(shop, orders, size, pattern)
        {
            ReaderCount = bench.Sized(UsualReaders, SmokeReaders),
            Tokens = await Sessions.CreateAsync(shop.Cluster, CustomerCount, clock, cancellationToken),
        };
        for (var made = 0; made < size; made = Math.Min(size, made + Portion))
        {
            bench.Tell(string.Create(CultureInfo.InvariantCulture, $"{made:N0} of {size:N0} orders are written"));
            await orders.AskAsync(grown.Copies(made, Math.Min(size, made + Portion)), cancellationToken);
        }

        // A table that was just written is not what one has.
        await orders.AskAsync("VACUUM ANALYZE orders; CHECKPOINT;", cancellationToken);
        return grown;
    }

    /// <summary>Everybody asks for an order of their own.</summary>
    public Contender OneOrder(string name) => Readers(name, (caller, random) => $"/api/v1/orders/{OrderOf(caller, random)}");

    public Contender NewestTwenty(string name) => Readers(name, (_, _) => "/api/v1/orders?limit=20");

    /// <param name="waits">Until their order is confirmed; false is content with the 202.</param>
    public Contender Buyers(string name, int callers, bool waits) => new(name, Keep(_shop.Open(callers, waits: waits)).AsFastAsTheyCanAsync)
    {
        SettlesAfter = OrderingShop.SettlesAfter,
        VerifyAsync = VerifyAsync,
        CountersAsync = _shop.CountersAsync,
    };

    /// <summary>The same queries with nothing around them.</summary>
    public Contender Sql(string name, string script) => new(name, (duration, token) => _orders.RunAsync(
        script, SqlRival.Clients, duration, simple: false, token, ("orders", $"{_size}"), ("newest", $"{Newest}")))
    {
        SettlesAfter = 0,

        // Who asks for what is not there is answered sooner.
        VerifyAsync = async (_, token) => await CountAsync(
            _orders, $"SELECT count(*) FROM orders WHERE id = {Oldest} AND customer_id = {1 + ((_size - 1) % CustomerCount)};", token) == 1
                ? null
                : "the orders that pgbench asks for are not there",
    };

    public void Dispose()
    {
        _callers.ForEach(callers => callers.Dispose());
        _shop.Dispose();
    }

    // The one to copy. When it is found nothing is in flight: an older one that is confirmed later would be missing from what is counted from there on.
    private static async Task ConfirmOneAsync(OrderingShop shop, OrderingShop.Buyers buyer, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience);
        Sample sample;
        do
        {
            if (patience.IsCancellationRequested)
            {
                throw new BenchException("not one order was confirmed");
            }

            sample = await buyer.AsFastAsTheyCanAsync(Pause, cancellationToken);
        }
        while (sample.Operations == 0);

        if (await shop.VerifyAsync(sample, cancellationToken) is { } violation)
        {
            throw new BenchException(violation);
        }
    }

    private Contender Readers(string name, Func<int, Random, string> path)
    {
        var readers = Keep(new PageReaders(_shop.Cluster.Connections.Ports.Public, path, ReaderCount, Tokens, bytes: null));
        return new Contender(name, readers.RunAsync) { SettlesAfter = OrderingShop.SettlesAfter, VerifyAsync = PageReaders.AllAnsweredAsync };
    }

    private T Keep<T>(T callers)
        where T : IDisposable
    {
        _callers.Add(callers);
        return callers;
    }

    // Of this caller's customer: each has every 256th.
    private string OrderOf(int caller, Random random) =>
        (Newest - (((random.Next(_size / CustomerCount) * (long)CustomerCount) + caller) * Step)).ToString(CultureInfo.InvariantCulture);

    // Copies of a real order, so that every column is what the shop writes. Older than it, as ids go: new ones come at the end of every index, as ever.
    private string Copies(int from, int to) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        INSERT INTO orders (id, customer_id, request_key, fingerprint, checkout, status, reason, lines_json, total_amount, currency, created_at, updated_at,
            version, step, awaiting, cancel_requested, attempts, due_at, history_text)
        SELECT {Newest} - i::bigint * {Step}, 1 + mod(i, {CustomerCount}), 'copy/' || md5(i::text), fingerprint, checkout, status, reason, lines_json, total_amount, currency,
            created_at, updated_at, version, step, awaiting, cancel_requested, attempts, due_at, history_text
        FROM orders CROSS JOIN generate_series({from}, {to - 1}) i
        WHERE id = {_pattern};
        """);

    // The three services must say the same of the orders that were not copied.
    private async Task<string?> VerifyAsync(Sample sample, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await CountAsync(_orders, "SELECT count(*) FROM orders WHERE status IN (1, 4);", cancellationToken) is var left and > 0)
        {
            if (patience.IsCancellationRequested)
            {
                return $"{left} orders did not come to an end";
            }

            await Task.Delay(Pause, cancellationToken);
        }

        var confirmed = await CountAsync(_orders, $"SELECT count(*) FROM orders WHERE id >= {_pattern} AND status = 2;", cancellationToken);
        var sold = await CountAsync(_inventory, "SELECT count(*) FROM reservations WHERE state = 'sold';", cancellationToken);
        var paid = await CountAsync(_payments, "SELECT count(*) FROM payments WHERE state = 'captured';", cancellationToken);
        var found = confirmed - _confirmedBefore;
        _confirmedBefore = confirmed;
        return confirmed != sold || confirmed != paid ? $"{confirmed} orders are confirmed, {sold} reservations sold and {paid} payments captured"
            : found < sample.Operations ? $"{sample.Operations} orders were called confirmed, and {found} are" : null;
    }

    private static async Task<long> CountAsync(Pgbench books, string query, CancellationToken cancellationToken) =>
        long.Parse(await books.AskAsync(query, cancellationToken), CultureInfo.InvariantCulture);
}
