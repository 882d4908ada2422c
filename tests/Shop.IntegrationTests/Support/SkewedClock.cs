namespace Shop.IntegrationTests.Support;

/// <summary>The two clocks of a machine, each of which can be wrong: the one on the wall is set apart, the monotonic one stands still, as that of a
/// suspended machine does, or has moved on, as it has after a pause. Timers are real.</summary>
internal sealed class SkewedClock : TimeProvider
{
    private long _passed;
    private long? _frozenAt;

    /// <summary>Of the clock on the wall.</summary>
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;

    public override long GetTimestamp() => (_frozenAt ?? base.GetTimestamp()) + Volatile.Read(ref _passed);

    /// <summary>So much monotonic time has gone by at once.</summary>
    public void Pass(TimeSpan time) => Interlocked.Add(ref _passed, (long)(time.TotalSeconds * TimestampFrequency));

    public void Freeze() => _frozenAt = base.GetTimestamp();
}
