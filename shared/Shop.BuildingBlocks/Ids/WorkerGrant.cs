namespace Shop.BuildingBlocks.Ids;

/// <summary>The right to make ids as one worker, within a range of time that nobody else has for this worker.</summary>
/// <remarks>
/// The upper end is stored where the next holder of the worker finds it before this one may use it, and the next one begins there. So an id that was
/// made in time and comes out late, because its thread was paused in between, is still nobody else's: uniqueness rests on the stored ranges, and the
/// lease only decides how soon a worker id can be used again.
/// </remarks>
internal sealed class WorkerGrant
{
    private const long Endless = long.MaxValue;

    private readonly Func<bool> _isHeld;
    private long _until;

    /// <param name="worker">0 to 1023.</param>
    /// <param name="from">The first millisecond since the epoch.</param>
    /// <param name="until">The first one that is not granted.</param>
    /// <param name="isHeld">By monotonic time.</param>
    public WorkerGrant(int worker, long from, long until, Func<bool> isHeld)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(worker);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(worker, SnowflakeId.MaxWorker);
        (Worker, From, _until, _isHeld) = (worker, from, until, isHeld);
    }

    public int Worker { get; }

    public long From { get; }

    public long Until => Volatile.Read(ref _until);

    public bool IsHeld => _isHeld();

    /// <summary>To be called when the new end is stored, not before.</summary>
    public void Extend(long until) => Volatile.Write(ref _until, until);

    /// <summary>A worker id that configuration gives to this process alone, for ever.</summary>
    public static WorkerGrant Fixed(int worker, long from = 0) => new(worker, from, Endless, () => true);

    public bool IsFixed => _until == Endless;
}
