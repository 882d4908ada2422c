using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Who this process is among those that make ids, and how far its ids may part from its clock.</summary>
public sealed class SnowflakeOptions
{
    public const string Section = "Snowflake";

    /// <summary>A fixed number for this process. Left out, one is leased where <c>Consul:Host</c> is configured, and is 0 elsewhere.</summary>
    /// <remarks>Two processes with one fixed number make equal ids, and a fixed one outside of the leased range is nobody's business but yours.</remarks>
    [Range(0, SnowflakeId.MaxWorker)]
    public int? WorkerId { get; set; }

    /// <summary>How far ids may run ahead of the clock: 4,096 more ids in a burst for each millisecond.</summary>
    /// <remarks>
    /// Bounded, because what was borrowed is lost with the process: a successor with the same worker id that starts within this time would
    /// issue the same ids again. 10 ms is less than any process needs to start.
    /// </remarks>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan MaxAhead { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest step back of the clock that callers sit out; after a longer one they are refused.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan MaxBackwardWait { get; set; } = TimeSpan.FromMilliseconds(100);
}
