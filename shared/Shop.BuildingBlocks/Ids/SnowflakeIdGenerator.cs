using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Makes 64-bit ids that rise strictly within a worker, from any number of threads and without a lock.</summary>
/// <remarks>
/// <para>What it does not guarantee: uniqueness between two processes that share a worker id; uniqueness across a restart during which the
/// clock went back, because nothing is persisted; ids without gaps; ids of different workers in the order in which they were made.</para>
/// <para>A millisecond holds 4,096 ids, so 4.096 million a second is the most that can last. A burst is faster: it borrows from the
/// milliseconds to come, at most <see cref="SnowflakeOptions.MaxAhead"/> of them, and only then waits for the clock.</para>
/// <para>A clock that steps back by no more than that is not even noticed: the ids go on from the last one. A step that is longer by up to
/// <see cref="SnowflakeOptions.MaxBackwardWait"/> blocks the caller until the clock is back; beyond it, <see cref="Next"/> throws
/// <see cref="ClockMovedBackwardsException"/>. A clock that jumps forward is believed.</para>
/// </remarks>
public sealed class SnowflakeIdGenerator
{
    private readonly TimeProvider _clock;
    private readonly long _worker;
    private readonly long _maxAhead;
    private readonly long _maxWait;

    // Milliseconds since the epoch and sequence of the newest id, packed. Its carry is what borrows: the id after the last one of a
    // millisecond is the first one of the next.
    private long _last;

    public SnowflakeIdGenerator(IOptions<SnowflakeOptions> options, TimeProvider clock)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Value.WorkerId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Value.WorkerId, SnowflakeId.MaxWorker);

        _clock = clock;
        _worker = (long)options.Value.WorkerId << SnowflakeId.SequenceBits;
        _maxAhead = (long)options.Value.MaxAhead.TotalMilliseconds;
        _maxWait = (long)options.Value.MaxBackwardWait.TotalMilliseconds;
    }

    /// <summary>The next id. Blocks, asleep, while the ids are too far ahead of the clock.</summary>
    /// <exception cref="ClockMovedBackwardsException">The clock went back further than a caller waits.</exception>
    public long Next()
    {
        SpinWait pause = default;
        while (true)
        {
            // In this order: a thread that is paused in between then sees a clock that is too new, never one that seems to have gone back.
            var last = Volatile.Read(ref _last);
            var now = MillisecondsSinceEpoch();

            // A new millisecond does not begin at 0, or else a shop with few orders would see only multiples of 4,096, and whoever shards by
            // id modulo n would find everything in one shard. Costs at most 63 of the 4,096.
            var next = Math.Max(last + 1, (now << SnowflakeId.SequenceBits) | (now & 63));
            var time = next >> SnowflakeId.SequenceBits;
            var ahead = time - now;

            if (time > SnowflakeId.MaxTime)
            {
                throw new InvalidOperationException($"No id is left for {_clock.GetUtcNow():O}: 41 bits end at {SnowflakeId.End:O}.");
            }

            if (ahead <= _maxAhead)
            {
                if (Interlocked.CompareExchange(ref _last, next, last) == last)
                {
                    return (time << (SnowflakeId.WorkerBits + SnowflakeId.SequenceBits)) | _worker | (next & SnowflakeId.MaxSequence);
                }
            }
            else if (ahead <= _maxAhead + _maxWait + 1)
            {
                pause.SpinOnce(); // yields first, then sleeps a millisecond at a time
            }
            else
            {
                // No id is ever issued more than _maxAhead before the clock, so only a step back of the clock leads here.
                throw new ClockMovedBackwardsException(_clock.GetUtcNow(), TimeSpan.FromMilliseconds(ahead));
            }
        }
    }

    private long MillisecondsSinceEpoch() =>
        (_clock.GetUtcNow().UtcTicks - SnowflakeId.Epoch.UtcTicks) / TimeSpan.TicksPerMillisecond;
}
