using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Rows;

/// <summary>More orders than the shop can take, at their times, whatever became of those before.</summary>
internal sealed class Overload(TimeProvider clock) : IBenchmark
{
    // The load balancer has 4,096 connections, two for each request.
    private const int OpenCallers = 1_900;

    // Orders that wait share a commit: with few callers there are few that wait, and what looks like the capacity is a part of it.
    private const int CapacityCallers = 512;

    private static readonly double[] Factors = [0.5, 1, 1.5, 2, 3];
    private static readonly double[] SmokeFactors = [2];

    public string Name => "overload";

    public string Question => "Orders confirmed while 0.5 to 3 times as many come as the shop can take, against its capacity; the latency of those that were confirmed, and how soon the others are refused.";

    public TimeSpan Round => TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken);
        var referee = new Referee(bench, clock);
        using var closed = shop.Open(bench.Sized(CapacityCallers, bench.Options.Callers));
        var figures = new List<Figure>(await referee.RunAsync(
            new Contest("capacity", "orders", [new Contender("shop", closed.AsFastAsTheyCanAsync) { SettlesAfter = OrderingShop.SettlesAfter, VerifyAsync = shop.VerifyAsync, CountersAsync = shop.CountersAsync }]), cancellationToken));
        var capacity = figures.FirstOrDefault()?.Rate ?? throw new BenchException("there is no capacity to multiply: no round was without a violation");

        using var open = shop.Open(OpenCallers);
        foreach (var factor in bench.Sized(Factors, SmokeFactors))
        {
            figures.AddRange(await referee.RunAsync(
                new Contest(
                    string.Create(CultureInfo.InvariantCulture, $"{factor} x, {capacity * factor:N0} orders/s asked for"),
                    "orders",
                    [new Contender("shop", (duration, token) => open.AtAsync(capacity * factor, duration, token)) { SettlesAfter = 0, VerifyAsync = shop.VerifyAsync, CountersAsync = shop.CountersAsync, Point = new PlotPoint("times the capacity", factor, "confirmed") }])
                {
                    Limit = Contender.Known("capacity", capacity),
                },
                cancellationToken));
        }

        return figures;
    }
}
