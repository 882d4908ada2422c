using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Caching;

/// <summary>How long what was read is kept, in this process (L1) and in Redis (L2), and how much.</summary>
/// <remarks>Lifetimes bound how stale an answer is when everything that should tell of a change has failed; they are not what makes a cache correct.</remarks>
public sealed class CacheOptions
{
    public const string Section = "Cache";

    /// <summary>In the memory of this process.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan LocalLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The same while this process does not hear of changes, because Redis is out of its reach.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan AloneLifetime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>In Redis.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan SharedLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Of "there is no such thing", in the memory of this process only: whoever asks for what does not exist fills nobody's Redis.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan NegativeLifetime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The share of a lifetime that is taken off at random, so that what was filled together does not expire together.</summary>
    [Range(0d, 0.9d)]
    public double Jitter { get; set; } = 0.2;

    /// <summary>Entries of one cache in the memory of this process.</summary>
    [Range(1, 10_000_000)]
    public int MaxEntries { get; set; } = 10_000;

    /// <summary>Keys that one cache may be reading at once: a reading goes on when those who asked are gone. Further ones are each caller's own, end with
    /// him, and are not kept.</summary>
    [Range(1, 100_000)]
    public int MaxReadings { get; set; } = 256;

    /// <summary>How long the one process that reads from the database may take before another one does. Not a lock: what is late is refused.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often the others look whether it is done.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:05")]
    public TimeSpan LeasePoll { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>How often a process looks for changes that it was not told of.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan FeedInterval { get; set; } = TimeSpan.FromSeconds(1);
}
