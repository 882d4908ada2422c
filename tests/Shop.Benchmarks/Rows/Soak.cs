using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Rows;

/// <summary>Half of the capacity, for long: what grows that should not.</summary>
internal sealed class Soak(TimeProvider clock) : IBenchmark
{
    private const int OpenCallers = 256;

    public string Name => "soak";

    public string Question => "Half of the capacity for ten minutes: latency, and how fast the memory of each process grows.";

    public TimeSpan Round => TimeSpan.FromMinutes(10);

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken);
        using var closed = shop.Open(bench.Options.Callers);
        var capacity = await WarmUp.RunAsync(
            bench, "capacity", "orders", new Contender("shop", closed.AsFastAsTheyCanAsync) { SettlesAfter = bench.Sized(OrderingShop.SettlesAfter, 0) }, cancellationToken);
        var half = Math.Max(1, Math.Floor(capacity / 2));
        using var open = shop.Open(OpenCallers);
        IReadOnlyDictionary<string, MemoryTrend> memory = new Dictionary<string, MemoryTrend>();
        var figures = await new Referee(bench, clock).RunAsync(
            new Contest(
                string.Create(CultureInfo.InvariantCulture, $"{half:N0} orders/s"),
                "orders",
                [
                    new Contender("shop", async (duration, token) =>
                    {
                        var watch = new MemoryWatch(shop.Cluster, clock).RunAsync(duration, token);
                        var sample = await open.AtAsync(half, duration, token);
                        memory = await watch;
                        return sample;
                    })
                    {
                        SettlesAfter = 0,
                        VerifyAsync = shop.VerifyAsync,
                        CountersAsync = shop.CountersAsync,
                    },
                ]),
            cancellationToken);
        return [.. figures.Select(figure => figure with { Memory = memory })];
    }
}
