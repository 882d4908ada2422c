using Shop.Benchmarks.Frame;

namespace Shop.UnitTests.Benchmarks;

internal static class Figures
{
    /// <summary>A figure as the referee makes them: a race that "shop" runs, with a limit and a rival.</summary>
    public static Figure Race { get; } = new()
    {
        Name = "race",
        Unit = "laps",
        Rate = 1_234.5,
        Min = 1_000,
        Max = 1_500,
        Limit = 2_469,
        LimitName = "light",
        RatioToLimit = 0.5,
        Rivals = new Dictionary<string, double?> { ["snail"] = 123.45, ["nobody"] = null },
        Median = 1.5,
        Percentile99 = 20,
        Latency = new Dictionary<string, double> { ["0.5"] = 1.5, ["0.99"] = 20 },
        CpuMicrosecondsPerOperation = 300,
        Cpu = new Dictionary<string, double> { ["postgres"] = 200, ["ordering"] = 100, ["driver"] = 50 },
        DriverMicrosecondsPerOperation = 50,
        Costs = new Dictionary<string, double> { ["commits"] = 0.25 },
        Others = new Dictionary<string, Other> { ["answered 503"] = new(7, 3.25) },
        Rounds =
        [
            new RoundResult("shop", 1, 1_234.5, 1.5, 20, 300, 50, 1, 0, null, new Dictionary<string, long>()),
            new RoundResult("light", 1, 2_469, null, null, 0, 0, 1, 0, null, new Dictionary<string, long>()),
            new RoundResult("snail", 1, 123.45, null, null, 0, 0, 1, 0, null, new Dictionary<string, long>()),
        ],
        Measured = new Occasion(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "2 cores", "race --laps", 5, 3),
    };

    public static RoundResult Violated { get; } = new("shop", 2, null, null, null, 0, 0, 0.5, 0, "it was carried", new Dictionary<string, long>());
}
