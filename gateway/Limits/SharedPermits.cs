using System.Collections.Concurrent;
using Shop.BuildingBlocks.Redis;
using StackExchange.Redis;

namespace Shop.Gateway.Limits;

/// <summary>Counts in Redis for all gateways together; each takes some permits at a time and hands them out by itself.</summary>
/// <remarks>
/// All gateways together never grant more than the quota in a window. They may grant less: what one has taken and does not need, at most a
/// twentieth of the quota, another cannot have before the next window. While Redis is away each gateway counts for itself, with the same
/// numbers; then, and in the window in which that changes, the total may be the quota once for each gateway and once for the shared count.
/// </remarks>
internal sealed class SharedPermits(string name, QuotaOptions options, IPermits whileAway, RedisConnection redis, TimeProvider time) : IPermits
{
    private const int LeasesPerQuota = 20;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    // A window begins with the first permit that is taken and lasts as long as its key.
    private static readonly RedisScript Take = new("""
        local permits, window, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local used, left = tonumber(redis.call('GET', KEYS[1]) or '0'), redis.call('PTTL', KEYS[1])
        local granted = math.max(0, math.min(wanted, permits - used))
        if left < 0 then
          redis.call('SET', KEYS[1], granted, 'PX', window)
          left = window
        elseif granted > 0 then
          redis.call('INCRBY', KEYS[1], granted)
        end
        return {granted, math.max(0, permits - used - granted), left}
        """);

    private readonly string _prefix = $"{redis.KeyPrefix}limit:{name}:";
    private readonly int _largestLease = Math.Max(1, options.Permits / LeasesPerQuota);
    private readonly ConcurrentDictionary<string, Lease> _leases = new(StringComparer.Ordinal);
    private long _sweptAt = time.GetTimestamp();

    public async ValueTask<Permit> TakeAsync(string partition, CancellationToken cancellationToken)
    {
        Sweep();
        var lease = _leases.GetOrAdd(partition, _ => new Lease());
        if (lease.TryTake(time) is { } permit)
        {
            return permit;
        }

        await lease.Refilling.WaitAsync(cancellationToken);
        try
        {
            return lease.TryTake(time) ?? await RefillAsync(partition, lease, cancellationToken);
        }
        catch (RedisUnavailableException)
        {
            return await whileAway.TakeAsync(partition, cancellationToken);
        }
        finally
        {
            lease.Refilling.Release();
        }
    }

    public void Dispose() => whileAway.Dispose();

    private async Task<Permit> RefillAsync(string partition, Lease lease, CancellationToken cancellationToken)
    {
        // Asked before the server looks at its clock: the lease ends here no later than its window ends there.
        var asked = time.GetTimestamp();
        var wanted = lease.NextSize(_largestLease, time);
        var answer = (long[])(await redis.ExecuteAsync(
            database => Take.RunAsync(database, [_prefix + partition], [options.Permits, (long)options.Window.TotalMilliseconds, wanted]),
            cancellationToken))!;
        return lease.Fill(granted: answer[0], leftThere: answer[1], endsAt: asked + Ticks(TimeSpan.FromMilliseconds(answer[2])), time);
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * time.TimestampFrequency);

    private void Sweep()
    {
        var swept = Volatile.Read(ref _sweptAt);
        if (time.GetElapsedTime(swept) < SweepInterval || Interlocked.CompareExchange(ref _sweptAt, time.GetTimestamp(), swept) != swept)
        {
            return;
        }

        foreach (var (partition, lease) in _leases)
        {
            if (lease.IsOver(time))
            {
                _leases.TryRemove(KeyValuePair.Create(partition, lease));
            }
        }
    }

    /// <summary>The permits of one partition that this gateway holds, until the end of their window.</summary>
    private sealed class Lease
    {
        private readonly Lock _lock = new();
        private long _endsAt = long.MinValue;
        private long _held;
        private long _leftThere;
        private int _size;

        public SemaphoreSlim Refilling { get; } = new(1);

        public bool IsOver(TimeProvider time)
        {
            lock (_lock)
            {
                return IsOver_NeedsLock(time);
            }
        }

        /// <summary>Null when only Redis knows. A quota that is used up stays so until the window ends: nobody gives permits back.</summary>
        public Permit? TryTake(TimeProvider time)
        {
            lock (_lock)
            {
                return IsOver_NeedsLock(time) || (_held == 0 && _leftThere > 0) ? null : Take_NeedsLock(time);
            }
        }

        /// <summary>One at first, so that who asks rarely holds back nothing; twice as many each time in the same window.</summary>
        public int NextSize(int largest, TimeProvider time)
        {
            lock (_lock)
            {
                return _size = IsOver_NeedsLock(time) ? 1 : Math.Min(_size * 2, largest);
            }
        }

        public Permit Fill(long granted, long leftThere, long endsAt, TimeProvider time)
        {
            lock (_lock)
            {
                (_held, _leftThere, _endsAt) = (granted, leftThere, endsAt);
                return Take_NeedsLock(time);
            }
        }

        private Permit Take_NeedsLock(TimeProvider time)
        {
            var isGranted = _held > 0;
            _held -= isGranted ? 1 : 0;
            var reset = time.GetElapsedTime(time.GetTimestamp(), _endsAt);
            return new Permit(isGranted, _held + _leftThere, reset > TimeSpan.Zero ? reset : TimeSpan.Zero);
        }

        private bool IsOver_NeedsLock(TimeProvider time) => time.GetTimestamp() >= _endsAt;
    }
}
