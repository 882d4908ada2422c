using System.Numerics;

namespace Shop.Benchmarks.Frame;

/// <summary>Counts durations in classes that are at most 1.6 % wide, from any number of threads.</summary>
/// <remarks>The classes are those of HdrHistogram, by Gil Tene: equal steps within each power of two.</remarks>
internal sealed class LatencyHistogram
{
    private const int StepBits = 6;
    private const int Steps = 1 << StepBits;

    // In units of 100 ns, up to 29,000 years.
    private readonly long[] _counts = new long[(64 - StepBits) * Steps];

    public long Count => _counts.Sum();

    public void Record(TimeSpan duration) => Interlocked.Increment(ref _counts[IndexOf(Math.Max(0, duration.Ticks))]);

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            Interlocked.Add(ref _counts[i], Interlocked.Read(ref other._counts[i]));
        }
    }

    /// <summary>The upper end of the class that the quantile is in; null where nothing was counted.</summary>
    public TimeSpan? At(double quantile)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        for (var i = 0; i < _counts.Length; i++)
        {
            wanted -= _counts[i];
            if (wanted <= 0)
            {
                return TimeSpan.FromTicks(UpperEnd(i));
            }
        }

        return null;
    }

    public double? Milliseconds(double quantile) => At(quantile)?.TotalMilliseconds;

    internal static int IndexOf(long ticks)
    {
        if (ticks < Steps)
        {
            return (int)ticks;
        }

        var shift = BitOperations.Log2((ulong)ticks) - StepBits;
        return ((shift + 1) << StepBits) + (int)((ticks >> shift) - Steps);
    }

    internal static long UpperEnd(int index)
    {
        if (index < Steps)
        {
            return index;
        }

        var shift = (index >> StepBits) - 1;
        return (((index & (Steps - 1)) + Steps + 1L) << shift) - 1;
    }
}
