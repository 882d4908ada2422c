using System.Diagnostics;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Load;

/// <summary>Requests that come at their times, whatever became of those before. Latency counts from the time at which a request was due.</summary>
/// <remarks>
/// Who measures from the moment of sending leaves out what waited to be sent: coordinated omission, after Gil Tene. Requests are spread over callers with
/// one connection each, as in his wrk2; when all of them are busy the next request is late, and that is part of its latency. A timer of .NET
/// wakes up to a millisecond late, and that is in it too.
/// </remarks>
internal static class OpenLoop
{
    /// <param name="perSecond">Requests that are due in each second, evenly spaced.</param>
    /// <param name="operation">Null when it succeeded, or else what it is called.</param>
    public static async Task<Sample> RunAsync(
        double perSecond, int callers, TimeSpan duration, Func<int, ValueTask<string?>> operation, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var last = Math.Max(1, (long)(perSecond * duration.TotalSeconds));
        var next = -1L;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var number && number < last)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var due = TimeSpan.FromSeconds(number / perSecond);
                    if (due - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } early)
                    {
                        await Task.Delay(early, cancellationToken);
                    }

                    tally.Add(await operation(caller), Stopwatch.GetElapsedTime(started) - due);
                }
            },
            cancellationToken)));
        return tally.Sample(Stopwatch.GetElapsedTime(started));
    }
}
