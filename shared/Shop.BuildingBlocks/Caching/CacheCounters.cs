using System.Diagnostics.Metrics;

namespace Shop.BuildingBlocks.Caching;

/// <summary>What happened in a cache since the process started, for operators and, as <c>shop.cache.events</c>, for OpenTelemetry.</summary>
/// <remarks>Each number is exact by itself; two of them read together may be a moment apart.</remarks>
public sealed class CacheCounters(string cache)
{
    private static readonly Meter Meter = new("Shop.Caching");
    private static readonly Counter<long> Events = Meter.CreateCounter<long>("shop.cache.events", description: "What happened in a cache");
    private static readonly string[] Names = [.. Enum.GetNames<CacheEvent>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    private readonly long[] _counts = new long[Names.Length];

    public string Cache => cache;

    public long this[CacheEvent what] => Interlocked.Read(ref _counts[(int)what]);

    public IReadOnlyDictionary<string, long> All() => Names.Select((name, i) => (name, i)).ToDictionary(n => n.name, n => Interlocked.Read(ref _counts[n.i]));

    public void Count(CacheEvent what)
    {
        Interlocked.Increment(ref _counts[(int)what]);
        Events.Add(1, new KeyValuePair<string, object?>("cache", cache), new KeyValuePair<string, object?>("event", Names[(int)what]));
    }
}

/// <summary>What can happen in a cache.</summary>
public enum CacheEvent
{
    /// <summary>Answered from the memory of this process.</summary>
    LocalHits,

    /// <summary>Answered from there, that there is no such thing.</summary>
    NegativeHits,

    /// <summary>Answered from Redis.</summary>
    SharedHits,

    /// <summary>Read from the source of truth.</summary>
    Loads,

    /// <summary>The source of truth confirmed that what is kept is still right.</summary>
    Revalidated,

    /// <summary>A stampede avoided in this process: a reader waited for another one's reading.</summary>
    Joined,

    /// <summary>A stampede avoided between processes: a reading waited for that of another process.</summary>
    Awaited,

    /// <summary>The other process did not get done in time: it was read without it.</summary>
    GivenUp,

    /// <summary>What was read was older than a change known by then: not kept in this process.</summary>
    RefusedLocally,

    /// <summary>Not kept in Redis, because the reader was too late or somebody had told of a change meanwhile.</summary>
    RefusedByLease,

    /// <summary>Not kept in Redis, because something newer is known there.</summary>
    RefusedByVersion,

    /// <summary>Redis was away: read without it.</summary>
    Bypassed,

    /// <summary>What Redis held was no value of this version of the program.</summary>
    Unreadable,

    /// <summary>A change that this process was told of.</summary>
    Invalidated,

    /// <summary>Everything was dropped, because a change may have been missed or an operator asked for it.</summary>
    Cleared,

    /// <summary>Dropped to make room.</summary>
    Evicted,
}
