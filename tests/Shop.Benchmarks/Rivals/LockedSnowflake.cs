namespace Shop.Benchmarks.Rivals;

/// <summary>The algorithm of Twitter's snowflake, written anew: one lock, and a wait for the next millisecond when the sequence is used up.</summary>
internal sealed class LockedSnowflake(int worker, TimeProvider clock)
{
    private const int SequenceMask = 4_095;
    private const int WorkerShift = 12;
    private const int TimeShift = 22;

    private readonly Lock _lock = new();
    private long _lastTime;
    private long _sequence;

    public long Next()
    {
        lock (_lock)
        {
            var time = Milliseconds();
            _sequence = time == _lastTime ? (_sequence + 1) & SequenceMask : 0;
            while (time < _lastTime || (time == _lastTime && _sequence == 0))
            {
                time = Milliseconds();
            }

            _lastTime = time;
            return (time << TimeShift) | ((long)worker << WorkerShift) | _sequence;
        }
    }

    private long Milliseconds() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
