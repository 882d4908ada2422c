using System.Collections.Concurrent;
using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Load;

/// <summary>What became of the requests of one load, counted from any thread.</summary>
internal sealed class Tally
{
    private readonly LatencyHistogram _latency = new();
    private readonly ConcurrentDictionary<string, LatencyHistogram> _others = new();
    private long _succeeded;

    public void Add(string? other, TimeSpan latency)
    {
        if (other is null)
        {
            Interlocked.Increment(ref _succeeded);
            _latency.Record(latency);
        }
        else
        {
            _others.GetOrAdd(other, _ => new LatencyHistogram()).Record(latency);
        }
    }

    public Sample Sample(TimeSpan took) => new(Interlocked.Read(ref _succeeded), took) { Latency = _latency, Others = new Dictionary<string, LatencyHistogram>(_others) };
}
