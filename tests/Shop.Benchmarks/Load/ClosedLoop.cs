using System.Diagnostics;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Load;

/// <summary>Callers who ask again as soon as they are answered. For capacity: while the system is slow they ask less, so their latencies flatter it.</summary>
internal static class ClosedLoop
{
    /// <param name="duration">Each caller asks at least once, also where it gets to run only when the time is over.</param>
    /// <param name="operation">Null when it succeeded, or else what it is called.</param>
    public static async Task<Sample> RunAsync(int callers, TimeSpan duration, Func<int, ValueTask<string?>> operation, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                do
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var asked = Stopwatch.GetTimestamp();
                    tally.Add(await operation(caller), Stopwatch.GetElapsedTime(asked));
                }
                while (Stopwatch.GetElapsedTime(started) < duration);
            },
            cancellationToken)));
        return tally.Sample(Stopwatch.GetElapsedTime(started));
    }
}
