using Shop.Lab.Cluster;
using Shop.Lab.Measuring;

namespace Shop.Benchmarks.Frame;

/// <summary>Looks at the memory of all processes of a cluster while somebody else loads it.</summary>
internal sealed class MemoryWatch(ShopCluster cluster, TimeProvider clock)
{
    // What a process allocates while it settles is no leak.
    private const double Settling = 0.25;

    // What is alive is counted under the load the second time too.
    private const double End = 0.95;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <param name="duration">Of the load.</param>
    public async Task<IReadOnlyDictionary<string, MemoryTrend>> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        await Task.Delay(duration * Settling, clock, cancellationToken);
        var aliveBefore = await AliveAsync(cancellationToken);

        var seen = new List<(double Minutes, IReadOnlyDictionary<string, MemoryUse> Uses)>();
        do
        {
            seen.Add((clock.GetElapsedTime(began).TotalMinutes, cluster.Memory()));
            await Task.Delay(Interval, clock, cancellationToken);
        }
        while (clock.GetElapsedTime(began) < duration * End);

        var alive = await AliveAsync(cancellationToken);
        return seen[0].Uses.Keys.ToDictionary(process => process, process => new MemoryTrend(
            seen.Select(moment => Kilobytes(moment.Uses[process].Bytes)).Median()!.Value,
            SlopeOf(process, use => use.Bytes),
            SlopeOf(process, use => use.Shared),
            alive.TryGetValue(process, out var last) ? Kilobytes(last.Bytes) : null,
            alive.ContainsKey(process) && aliveBefore.TryGetValue(process, out var first) ? Kilobytes(last.Bytes - first.Bytes) / (last.Minutes - first.Minutes) : null));

        double SlopeOf(string process, Func<MemoryUse, long> part) =>
            seen.Select(moment => (moment.Minutes, Kilobytes(part(moment.Uses[process])))).ToList().Slope();

        // One after the other: a collection stops its process for a moment, and they need not all stop at once.
        async Task<Dictionary<string, (double Minutes, long Bytes)>> AliveAsync(CancellationToken token)
        {
            var found = new Dictionary<string, (double, long)>();
            foreach (var (process, id) in cluster.Applications())
            {
                var bytes = await ManagedHeap.AliveAsync(id, token);
                found.Add(process, (clock.GetElapsedTime(began).TotalMinutes, bytes));
            }

            return found;
        }
    }

    private static double Kilobytes(long bytes) => bytes / 1024.0;
}
