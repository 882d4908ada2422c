using System.Text.Json.Serialization;

namespace Shop.Benchmarks.Frame;

/// <summary>One line of a row's table, and one element of its JSON file. Rates are medians over the rounds.</summary>
internal sealed record Figure
{
    public required string Name { get; init; }

    public required string Unit { get; init; }

    /// <summary>Null where no round was without a violation.</summary>
    public double? Rate { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    public double? Limit { get; init; }

    public string? LimitName { get; init; }

    public double? RatioToLimit { get; init; }

    public IReadOnlyDictionary<string, double?> Rivals { get; init; } = new Dictionary<string, double?>();

    /// <summary>In milliseconds, over all rounds.</summary>
    [JsonPropertyName("p50")]
    public double? Median { get; init; }

    [JsonPropertyName("p99")]
    public double? Percentile99 { get; init; }

    /// <summary>Latency in milliseconds by quantile, for the plot.</summary>
    public IReadOnlyDictionary<string, double> Latency { get; init; } = new Dictionary<string, double>();

    /// <summary>Of the servers and services, without the driver that makes the load.</summary>
    public double? CpuMicrosecondsPerOperation { get; init; }

    /// <summary>The same by process; replicas are added up.</summary>
    public IReadOnlyDictionary<string, double> Cpu { get; init; } = new Dictionary<string, double>();

    public double? DriverMicrosecondsPerOperation { get; init; }

    /// <summary>For each operation: commits, SQL statements, messages, bytes of WAL.</summary>
    public IReadOnlyDictionary<string, double> Costs { get; init; } = new Dictionary<string, double>();

    /// <summary>What was refused or failed in the rounds that count, by name.</summary>
    public IReadOnlyDictionary<string, Other> Others { get; init; } = new Dictionary<string, Other>();

    /// <summary>What happened to the memory of each process, where that was watched.</summary>
    public IReadOnlyDictionary<string, MemoryTrend> Memory { get; init; } = new Dictionary<string, MemoryTrend>();

    public required IReadOnlyList<RoundResult> Rounds { get; init; }

    public PlotPoint? Point { get; init; }

    /// <summary>Somebody else worked on this machine in a round that counts: compare the ratios, not the rates.</summary>
    public bool Noisy => Rounds.Any(round => round.Noisy);

    public IReadOnlyList<string> Violations => [.. Rounds.Where(round => round.Violation is not null).Select(round => $"{round.Contender}, round {round.Round}: {round.Violation}")];

    public required Occasion Measured { get; init; }
}

/// <param name="PerSecond">How many there were.</param>
/// <param name="P99">How long the caller waited to be told so, in milliseconds.</param>
internal sealed record Other(double PerSecond, double P99);

/// <summary>One contender in one round.</summary>
/// <param name="Rate">Null with a violation.</param>
/// <param name="IdleBefore">The part of the machine that was idle just before.</param>
/// <param name="Foreign">The part of the machine that others used meanwhile.</param>
internal sealed record RoundResult(
    string Contender,
    int Round,
    double? Rate,
    double? P50,
    double? P99,
    double CpuMicroseconds,
    double DriverMicroseconds,
    double IdleBefore,
    double Foreign,
    string? Violation,
    IReadOnlyDictionary<string, long> Others)
{
    public bool Noisy => IdleBefore < MachineLoad.QuietIdle || Foreign > MachineLoad.QuietForeign;
}

/// <summary>When, where and how it was measured.</summary>
internal sealed record Occasion(DateTimeOffset At, string Machine, string Command, int Rounds, double SecondsPerRound);
