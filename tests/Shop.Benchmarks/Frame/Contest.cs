namespace Shop.Benchmarks.Frame;

/// <summary>Those who are measured side by side: one after the other in each round, so that a machine that gets slower slows all of them.</summary>
/// <param name="Name">What they compete in; one figure for each of <paramref name="Ours"/>.</param>
/// <param name="Unit">What is counted for each second.</param>
internal sealed record Contest(string Name, string Unit, IReadOnlyList<Contender> Ours)
{
    /// <summary>What the hardware, or the server beneath, can do at most. Null where there is no such thing.</summary>
    public Contender? Limit { get; init; }

    public IReadOnlyList<Contender> Rivals { get; init; } = [];

    public IEnumerable<Contender> All => [.. Ours, .. Limit is null ? (Contender[])[] : [Limit], .. Rivals];
}

/// <summary>One who is measured.</summary>
/// <param name="RunAsync">Works for about as long as it is told and says what it has done.</param>
internal sealed record Contender(string Name, Func<TimeSpan, CancellationToken, Task<Sample>> RunAsync)
{
    /// <summary>One whose rate is known and who has nothing to do: arithmetic, or what was measured before.</summary>
    public static Contender Known(string name, double perSecond) =>
        new(name, (duration, _) => Task.FromResult(new Sample(Math.Max(1, (long)(perSecond * duration.TotalSeconds)), duration))) { IsKnown = true };

    public bool IsKnown { get; private init; }

    /// <summary>Where its figure stands in a plot over something that grows.</summary>
    public PlotPoint? Point { get; init; }

    /// <summary>Lays out the work of one turn, before anything is counted.</summary>
    public Func<TimeSpan, CancellationToken, Task>? PrepareAsync { get; init; }

    /// <summary>Turns without a gain after which it counts as warm. Services that compile themselves on shared cores pause in between; 0 is for what
    /// compiles nothing, or has run before: one turn is enough for its caches.</summary>
    public int SettlesAfter { get; init; } = 1;

    /// <summary>Proves the work, after the clock was stopped: what is wrong, or null. A round with something wrong has no figure.</summary>
    public Func<Sample, CancellationToken, Task<string?>>? VerifyAsync { get; init; }

    /// <summary>Counters that only grow, read before and after: they become a cost for each operation.</summary>
    public Func<CancellationToken, Task<IReadOnlyDictionary<string, double>>>? CountersAsync { get; init; }

    public Task LayOutAsync(TimeSpan duration, CancellationToken cancellationToken) => PrepareAsync?.Invoke(duration, cancellationToken) ?? Task.CompletedTask;
}

/// <param name="Operations">What succeeded, and nothing else.</param>
internal sealed record Sample(long Operations, TimeSpan Took)
{
    public LatencyHistogram? Latency { get; init; }

    /// <summary>What was refused or failed, by name, and how long that took to be told.</summary>
    public IReadOnlyDictionary<string, LatencyHistogram> Others { get; init; } = new Dictionary<string, LatencyHistogram>();

    public double PerSecond => Operations / Took.TotalSeconds;
}

/// <param name="Series">Which line of the plot.</param>
/// <param name="Axis">What grows.</param>
internal sealed record PlotPoint(string Axis, double X, string Series);
