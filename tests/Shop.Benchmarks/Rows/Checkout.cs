using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.Benchmarks.Rivals.Idiom;

namespace Shop.Benchmarks.Rows;

/// <summary>Orders from the POST to "confirmed", through load balancer and gateway, with every guard on.</summary>
internal sealed class Checkout(TimeProvider clock) : IBenchmark
{
    private const int IdleRate = 50;
    private const int OpenCallers = 256;

    public string Name => "checkout";

    public string Question => "Orders confirmed end to end, against pgbench running one order's own SQL, and MassTransit's own idiom: a message for each order and step, its state machine in memory, EF for each message, no outbox; latency when idle and at half of the capacity, to confirmed and to the 202.";

    public TimeSpan Round => TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken);
        var sql = await SqlRival.CreateAsync(shop.Cluster, "bench_checkout", "order-check.sql", cancellationToken);
        using var idiom = await IdiomRival.StartAsync(bench, shop.Cluster, shop.Articles, cancellationToken);
        var referee = new Referee(bench, clock);

        using var many = shop.Open(bench.Options.Callers);
        var capacity = await referee.RunAsync(
            new Contest($"capacity, {shop.Articles:N0} articles", "orders", [Ours(many.AsFastAsTheyCanAsync)])
            {
                Limit = sql.Contender("pgbench", "order.pgbench", shop.Articles),
                Rivals = [idiom.Contender()],
            },
            cancellationToken);

        using var one = shop.Open(bench.Options.Callers, _ => Shelves.Sku(0));
        var hot = await referee.RunAsync(
            new Contest("capacity, one article", "orders", [Ours(one.AsFastAsTheyCanAsync)]) { Limit = sql.Contender("pgbench", "order.pgbench", 1) },
            cancellationToken);

        using var open = shop.Open(OpenCallers);
        var half = Math.Max(1, Math.Floor((capacity.FirstOrDefault()?.Rate ?? IdleRate) / 2));
        var idle = await referee.RunAsync(
            new Contest($"latency at {IdleRate} orders/s", "orders", [Warm((duration, token) => open.AtAsync(IdleRate, duration, token))]), cancellationToken);
        var busy = await referee.RunAsync(
            new Contest(
                string.Create(CultureInfo.InvariantCulture, $"latency at half of the capacity ({half:N0} orders/s)"),
                "orders",
                [Warm((duration, token) => open.AtAsync(half, duration, token))]),
            cancellationToken);
        using var impatient = shop.Open(OpenCallers, waits: false);
        var acknowledged = await referee.RunAsync(
            new Contest(
                string.Create(CultureInfo.InvariantCulture, $"acknowledgement at half of the capacity ({half:N0} orders/s)"),
                "orders",
                [Warm((duration, token) => impatient.AtAsync(half, duration, token))]),
            cancellationToken);
        var nothing = await referee.RunAsync(new Contest("nobody orders", "milliseconds", [new Contender("shop", WaitAsync) { SettlesAfter = 0 }]), cancellationToken);
        return [.. capacity, .. hot, .. idle, .. busy, .. acknowledged, .. nothing];

        // What the cluster costs when it does nothing: it is in the cost of each order, and in few orders it is most of it.
        static async Task<Sample> WaitAsync(TimeSpan duration, CancellationToken token)
        {
            await Task.Delay(duration, token);
            return new Sample((long)duration.TotalMilliseconds, duration);
        }

        // Once it has been asked for all it has.
        Contender Warm(Func<TimeSpan, CancellationToken, Task<Sample>> run) => Ours(run) with { SettlesAfter = 0 };

        Contender Ours(Func<TimeSpan, CancellationToken, Task<Sample>> run) => new("shop", run)
        {
            SettlesAfter = OrderingShop.SettlesAfter,
            VerifyAsync = shop.VerifyAsync,
            CountersAsync = shop.CountersAsync,
        };
    }
}
