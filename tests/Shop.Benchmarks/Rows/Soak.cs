using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Rows;

/// <summary>Half of the capacity, for long: what grows that should not.</summary>
internal sealed class Soak(TimeProvider clock) : IBenchmark
{
    private const int OpenCallers = 256;

    // What a process allocates while it settles is no leak.
    private const double Settling = 0.25;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

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
        var slopes = new Dictionary<string, double>();
        var figures = await new Referee(bench, clock).RunAsync(
            new Contest(
                string.Create(CultureInfo.InvariantCulture, $"{half:N0} orders/s"),
                "orders",
                [
                    new Contender("shop", async (duration, token) =>
                    {
                        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
                        var watch = WatchAsync(over.Token);
                        var sample = await open.AtAsync(half, duration, token);
                        await over.CancelAsync();
                        slopes = SlopesOf(await watch);
                        return sample;
                    })
                    {
                        SettlesAfter = 0,
                        VerifyAsync = shop.VerifyAsync,
                        CountersAsync = shop.CountersAsync,
                    },
                ]),
            cancellationToken);
        return [.. figures.Select(figure => figure with { MemoryGrowth = slopes })];

        async Task<List<(double Seconds, IReadOnlyDictionary<string, double> Bytes)>> WatchAsync(CancellationToken token)
        {
            var seen = new List<(double, IReadOnlyDictionary<string, double>)>();
            var began = clock.GetTimestamp();
            using var timer = new PeriodicTimer(Interval, clock);
            while (!token.IsCancellationRequested)
            {
                seen.Add((clock.GetElapsedTime(began).TotalSeconds, shop.Cluster.Memory().ToDictionary(entry => entry.Key, entry => (double)entry.Value)));
                try
                {
                    await timer.WaitForNextTickAsync(token);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }

            return seen;
        }
    }

    private static Dictionary<string, double> SlopesOf(List<(double Seconds, IReadOnlyDictionary<string, double> Bytes)> seen)
    {
        const double KilobytesPerMinute = 60 / 1024.0;
        var settled = seen.Skip((int)(seen.Count * Settling)).ToList();
        return seen[0].Bytes.Keys.ToDictionary(
            process => process,
            process => settled.Select(moment => (moment.Seconds, moment.Bytes[process])).ToList().Slope() * KilobytesPerMinute);
    }
}
