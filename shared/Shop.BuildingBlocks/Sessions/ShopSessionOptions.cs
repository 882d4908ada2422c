using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Where sessions are kept, how long one lives, and how many a process keeps.</summary>
/// <remarks>Replicas that share a store must agree on these values; nothing checks that they do.</remarks>
public sealed class ShopSessionOptions
{
    public const string Section = "Sessions";

    [EnumDataType(typeof(SessionStoreKind))]
    public SessionStoreKind Store { get; set; } = SessionStoreKind.InProcess;

    /// <summary>A session that is not used for so long ends.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Every session ends after so long, however much it is used.</summary>
    public TimeSpan AbsoluteTimeout { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Of the in-process store: when full, the sessions that were idle longest end early. In Redis its <c>maxmemory</c> is the bound.</summary>
    [Range(1, int.MaxValue)]
    public int MaxSessions { get; set; } = 200_000;
}
