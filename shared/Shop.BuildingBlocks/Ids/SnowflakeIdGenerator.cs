using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Makes 64-bit ids that rise strictly within a process, from any number of threads and without a lock.</summary>
/// <remarks>
/// <para>With a leased worker id (<see cref="WorkerIdLease"/>) ids are unique across processes, restarts and steps of the clock. With a fixed one it
/// does not guarantee uniqueness between two processes that were given the same number; across restarts it begins after what the database holds. It never guarantees ids without gaps, or ids of different workers in the order in which they were made.</para>
/// <para>A millisecond holds 4,096 ids, so 4.096 million a second is the most that can last. A burst is faster: it borrows from the
/// milliseconds to come, at most <see cref="SnowflakeOptions.MaxAhead"/> of them, and only then waits for the clock.</para>
/// <para>A clock that steps back by no more than that is not even noticed: the ids go on from the last one. A step that is longer by up to
/// <see cref="SnowflakeOptions.MaxBackwardWait"/> blocks the caller until the clock is back; beyond it, <see cref="Next"/> throws
/// <see cref="ClockMovedBackwardsException"/>. A clock that jumps forward is believed, with a lease as far as the lease has stored it.</para>
/// </remarks>
public sealed class SnowflakeIdGenerator : IIdGenerator
{
    private const string NoLease = "This process has no worker id: none was leased yet, or the lease was lost.";
    private const string Expired = "The lease of the worker id may have ended: Consul did not answer in time, or the process was paused.";
    private const string BeyondGrant = "The clock has jumped past the time that is stored with the worker id; it is stored anew.";

    private readonly TimeProvider _clock;
    private readonly long _maxAhead;
    private readonly long _maxWait;

    private WorkerGrant? _grant;

    // Milliseconds since the epoch and sequence of the newest id, packed. Its carry is what borrows: the id after the last one of a
    // millisecond is the first one of the next.
    private long _last;

    /// <summary>With the fixed worker id of the options, 0 where they name none.</summary>
    public SnowflakeIdGenerator(IOptions<SnowflakeOptions> options, TimeProvider clock)
        : this(options, clock, WorkerGrant.Fixed(options.Value.WorkerId ?? 0))
    {
    }

    internal SnowflakeIdGenerator(IOptions<SnowflakeOptions> options, TimeProvider clock, WorkerGrant? grant)
    {
        _clock = clock;
        _maxAhead = (long)options.Value.MaxAhead.TotalMilliseconds;
        _maxWait = (long)options.Value.MaxBackwardWait.TotalMilliseconds;
        _grant = grant;
    }

    /// <summary>The worker id that stands in the ids made now; null while there is none. Another one after a restart, when it is leased.</summary>
    public int? Worker => Volatile.Read(ref _grant)?.Worker;

    /// <summary>The worker id, where it is fixed.</summary>
    internal int? FixedWorker => Volatile.Read(ref _grant) is { IsFixed: true } grant ? grant.Worker : null;

    /// <summary>Why no id can be made at the moment; null when one can.</summary>
    public string? Obstacle => Volatile.Read(ref _grant) switch
    {
        null => NoLease,
        { IsHeld: false } => Expired,
        var grant when MillisecondsSinceEpoch() >= grant.Until => BeyondGrant,
        var grant when Math.Max(grant.From, Volatile.Read(ref _last) >> SnowflakeId.SequenceBits) - MillisecondsSinceEpoch() is var ahead && ahead > _maxAhead + _maxWait =>
            new ClockMovedBackwardsException(_clock.GetUtcNow(), TimeSpan.FromMilliseconds(ahead)).Message,
        _ => null,
    };

    /// <summary>The next id. Blocks, asleep, while the ids are too far ahead of the clock.</summary>
    /// <exception cref="ClockMovedBackwardsException">The clock went back further than a caller waits.</exception>
    /// <exception cref="IdsUnavailableException">The worker id is leased, and the lease is not there or does not reach so far.</exception>
    public long Next()
    {
        SpinWait pause = default;
        while (true)
        {
            // In this order: a thread that is paused in between then sees a clock that is too new, never one that seems to have gone back.
            var last = Volatile.Read(ref _last);
            var grant = Volatile.Read(ref _grant) ?? throw new IdsUnavailableException(NoLease);
            if (!grant.IsHeld)
            {
                throw new IdsUnavailableException(Expired);
            }

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
                if (time < grant.From || time >= grant.Until)
                {
                    throw new IdsUnavailableException(BeyondGrant);
                }

                if (Interlocked.CompareExchange(ref _last, next, last) == last)
                {
                    return (time << (SnowflakeId.WorkerBits + SnowflakeId.SequenceBits))
                        | ((long)grant.Worker << SnowflakeId.SequenceBits)
                        | (next & SnowflakeId.MaxSequence);
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

    /// <summary>Goes on as another worker, or as the same one again. Ids go on rising.</summary>
    internal void Grant(WorkerGrant grant)
    {
        Seal(grant.From);
        Volatile.Write(ref _grant, grant);
    }

    /// <summary>Makes no more ids.</summary>
    /// <returns>The first millisecond of which this process has made none, and will make none.</returns>
    internal long Revoke()
    {
        Volatile.Write(ref _grant, null);
        return Seal(0);
    }

    internal long MillisecondsSinceEpoch() =>
        (_clock.GetUtcNow().UtcTicks - SnowflakeId.Epoch.UtcTicks) / TimeSpan.TicksPerMillisecond;

    // Moves on to the end of the millisecond of the newest id: a thread that is about to take an id by an older grant fails to, and looks again.
    private long Seal(long from)
    {
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var time = Math.Max((last >> SnowflakeId.SequenceBits) + 1, from);
            if (Interlocked.CompareExchange(ref _last, (time << SnowflakeId.SequenceBits) - 1, last) == last)
            {
                // Full already, down to the last number: then nothing has moved, and one more is needed.
                if (last != (time << SnowflakeId.SequenceBits) - 1)
                {
                    return time;
                }

                Interlocked.CompareExchange(ref _last, last + 1, last);
            }
        }
    }
}
