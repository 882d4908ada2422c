using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Where sessions are kept, how long one lives, and how many a process keeps.</summary>
/// <remarks>Replicas that share a store must agree on these values; nothing checks that they do.</remarks>
public sealed class ShopSessionOptions
{
    public const string Section = "Sessions";

    [EnumDataType(typeof(SessionStrategy))]
    public SessionStrategy Strategy { get; set; } = SessionStrategy.Sticky;

    /// <summary>A session that is not used for so long ends.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Every session ends after so long, however much it is used.</summary>
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromHours(24);

    /// <summary>In memory: when full, the sessions that were idle longest end early. In Redis its <c>maxmemory</c> is the bound.</summary>
    [Range(1, int.MaxValue)]
    public int MaxSessions { get; set; } = 200_000;

    /// <summary>Replicated: how long a change waits for the other gateways to confirm it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan PeerTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Replicated: how often a gateway asks the others for what it may have missed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan PeerInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Replicated: how long a gateway that starts waits for what the others know before it serves.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
