using System.Globalization;

namespace Shop.Benchmarks.Frame;

/// <summary>Lets the contenders of a contest run in turn, round after round, and counts what stands up to a check.</summary>
internal sealed class Referee(Workbench bench, TimeProvider clock)
{
    private static readonly TimeSpan SmokePatience = TimeSpan.FromMinutes(1);

    private static readonly double[] Quantiles = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

    public async Task<IReadOnlyList<Figure>> RunAsync(Contest contest, CancellationToken cancellationToken)
    {
        var options = bench.Options;
        if (options.Only is { } only && !contest.Name.Contains(only, StringComparison.Ordinal))
        {
            return [];
        }

        foreach (var contender in options.Smoke ? [] : contest.All.Where(contender => !contender.IsKnown))
        {
            await WarmUp.RunAsync(bench, contest.Name, contest.Unit, contender, cancellationToken);
        }

        var entries = contest.All.ToDictionary(contender => contender, _ => new Entry());
        for (var round = 1; round <= options.Rounds; round++)
        {
            // There and back: whoever comes last in one round comes first in the next, so that nobody always runs after the same one.
            var order = round % 2 == 1 ? contest.All : contest.All.Reverse();
            foreach (var contender in order)
            {
                // Half a second may be too short for a busy machine to do anything: a smoke test goes on, for it asks whether a row works and not how fast.
                var began = clock.GetTimestamp();
                RoundResult result;
                do
                {
                    result = await RunAsync(contender, round, entries[contender], cancellationToken);
                    bench.Tell(Line(contest, result, options.Rounds));
                }
                while (options.Smoke && result.Rate == 0 && clock.GetElapsedTime(began) < SmokePatience);
            }
        }

        var occasion = new Occasion(clock.GetUtcNow(), MachineLoad.Description, options.CommandLine, options.Rounds, bench.Round.TotalSeconds);
        return [.. contest.Ours.Select(ours => FigureOf(contest, ours, entries, occasion))];
    }

    private async Task<RoundResult> RunAsync(Contender contender, int round, Entry entry, CancellationToken cancellationToken)
    {
        await contender.LayOutAsync(bench.Round, cancellationToken);
        var idle = contender.IsKnown || bench.Options.Smoke ? 1 : await MachineLoad.IdleAsync(cancellationToken);
        var counted = contender.CountersAsync is { } read ? await read(cancellationToken) : null;
        var (machine, cpu) = (MachineLoad.Now(), bench.Cpu());
        var sample = await contender.RunAsync(bench.Round, cancellationToken);
        var used = Difference(bench.Cpu(), cpu);
        var foreign = contender.IsKnown ? 0 : (MachineLoad.Now() - machine).ForeignPart(TimeSpan.FromTicks(used.Values.Sum(time => time.Ticks)));
        var costs = counted is null ? [] : Difference(await contender.CountersAsync!(cancellationToken), counted);
        var violation = contender.VerifyAsync is { } verify ? await verify(sample, cancellationToken) : null;
        if (violation is null && sample.Operations > 0)
        {
            entry.Add(sample, used, costs);
        }

        var (own, driver) = (used.Where(entry => entry.Key != Workbench.Driver).Sum(entry => entry.Value.TotalMicroseconds), used[Workbench.Driver].TotalMicroseconds);
        var result = new RoundResult(
            contender.Name,
            round,
            violation is null ? sample.PerSecond : null,
            sample.Latency?.Milliseconds(0.5),
            sample.Latency?.Milliseconds(0.99),
            own / Math.Max(sample.Operations, 1),
            driver / Math.Max(sample.Operations, 1),
            idle,
            foreign,
            violation,
            sample.Others.ToDictionary(other => other.Key, other => other.Value.Count));
        entry.Rounds.Add(result);
        return result;
    }

    private static Figure FigureOf(Contest contest, Contender ours, Dictionary<Contender, Entry> entries, Occasion occasion)
    {
        var entry = entries[ours];
        var rate = entry.Rate;
        var limit = contest.Limit is { } limiting ? entries[limiting].Rate : null;
        return new Figure
        {
            Name = contest.Ours.Count == 1 ? contest.Name : $"{contest.Name}: {ours.Name}",
            Unit = contest.Unit,
            Rate = rate,
            Min = entry.Rates.Count == 0 ? null : entry.Rates.Min(),
            Max = entry.Rates.Count == 0 ? null : entry.Rates.Max(),
            Limit = limit,
            LimitName = contest.Limit?.Name,
            RatioToLimit = limit > 0 ? rate / limit : null,

            // Where several of ours compete, each is a rival of the others.
            Rivals = contest.Ours.Where(other => other != ours).Concat(contest.Rivals).ToDictionary(rival => rival.Name, rival => entries[rival].Rate),
            Median = entry.Latency.Milliseconds(0.5),
            Percentile99 = entry.Latency.Milliseconds(0.99),
            Latency = entry.Latency.Count == 0
                ? new Dictionary<string, double>()
                : Quantiles.ToDictionary(quantile => quantile.ToString(CultureInfo.InvariantCulture), quantile => entry.Latency.Milliseconds(quantile)!.Value),
            CpuMicrosecondsPerOperation = entry.Operations == 0 ? null : entry.Cpu.Where(time => time.Key != Workbench.Driver).Sum(time => time.Value) / entry.Operations,
            Cpu = entry.CpuByKind(),
            DriverMicrosecondsPerOperation = entry.Operations == 0 ? null : entry.Cpu[Workbench.Driver] / entry.Operations,
            Costs = entry.Costs.ToDictionary(cost => cost.Key, cost => cost.Value / Math.Max(entry.Operations, 1)),
            Others = entry.Others.ToDictionary(other => other.Key, other => new Other(other.Value.Count / entry.Took.TotalSeconds, other.Value.Milliseconds(0.99)!.Value)),
            Rounds = [.. contest.All.OrderByDescending(contender => contender == ours).SelectMany(contender => entries[contender].Rounds)],
            Point = ours.Point,
            Measured = occasion,
        };
    }

    private static string Line(Contest contest, RoundResult result, int rounds) => string.Create(
        CultureInfo.InvariantCulture,
        $"{contest.Name}: round {result.Round} of {rounds}, {result.Contender}: {(result.Rate is { } rate ? $"{rate:N0} {contest.Unit}/s" : $"NO FIGURE, {result.Violation}")}"
        + $"{(result.P50 is { } p50 ? $", p50 {p50:F2} ms, p99 {result.P99:F2} ms" : "")}, {result.CpuMicroseconds:F1} us"
        + $"{string.Concat(result.Others.Select(other => $", {other.Value} {other.Key}"))}"
        + $"{(result.Noisy ? $" (noisy: {result.IdleBefore:P0} idle before, others used {result.Foreign:P0})" : "")}");

    private static Dictionary<string, double> Difference(IReadOnlyDictionary<string, double> after, IReadOnlyDictionary<string, double> before) =>
        after.ToDictionary(entry => entry.Key, entry => entry.Value - before.GetValueOrDefault(entry.Key));

    private static Dictionary<string, TimeSpan> Difference(IReadOnlyDictionary<string, TimeSpan> after, IReadOnlyDictionary<string, TimeSpan> before) =>
        after.ToDictionary(entry => entry.Key, entry => entry.Value - before.GetValueOrDefault(entry.Key));

    /// <summary>What one contender has done in all rounds that count.</summary>
    private sealed class Entry
    {
        public List<RoundResult> Rounds { get; } = [];

        public List<double> Rates { get; } = [];

        public LatencyHistogram Latency { get; } = new();

        public Dictionary<string, LatencyHistogram> Others { get; } = [];

        public TimeSpan Took { get; private set; }

        public Dictionary<string, double> Cpu { get; } = [];

        public Dictionary<string, double> Costs { get; } = [];

        public long Operations { get; private set; }

        public double? Rate => Rates.Median();

        public void Add(Sample sample, IReadOnlyDictionary<string, TimeSpan> used, IReadOnlyDictionary<string, double> costs)
        {
            Rates.Add(sample.PerSecond);
            Operations += sample.Operations;
            Took += sample.Took;
            foreach (var (name, times) in sample.Others)
            {
                if (!Others.TryGetValue(name, out var known))
                {
                    Others[name] = known = new LatencyHistogram();
                }

                known.Add(times);
            }

            if (sample.Latency is { } latency)
            {
                Latency.Add(latency);
            }

            foreach (var (name, time) in used)
            {
                Cpu[name] = Cpu.GetValueOrDefault(name) + time.TotalMicroseconds;
            }

            foreach (var (name, cost) in costs)
            {
                Costs[name] = Costs.GetValueOrDefault(name) + cost;
            }
        }

        /// <summary>For each operation, with the replicas of one service as one.</summary>
        public Dictionary<string, double> CpuByKind() => Operations == 0
            ? []
            : Cpu.GroupBy(entry => entry.Key.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9').TrimEnd('-'))
                .ToDictionary(group => group.Key, group => group.Sum(entry => entry.Value) / Operations);
    }
}
