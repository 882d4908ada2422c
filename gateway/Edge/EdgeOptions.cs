using System.ComponentModel.DataAnnotations;
using Shop.BuildingBlocks.Redis;

namespace Shop.Gateway.Edge;

/// <summary>What this gateway keeps of the pages that a service says may be kept.</summary>
internal sealed class EdgeOptions
{
    public const string Section = "Edge";

    /// <summary>Where nothing is said, it is on where Redis is configured, from which word of changes comes.</summary>
    public bool? Enabled { get; set; }

    [Range(1, 1_000_000)]
    public int MaxEntries { get; set; } = 2_000;

    /// <summary>Of all entries together.</summary>
    [Range(1, 1 << 30)]
    public long MaxBytes { get; set; } = 32 << 20;

    /// <summary>A longer page is passed on and not kept.</summary>
    [Range(1, 16 << 20)]
    public int MaxPageBytes { get; set; } = 256 << 10;

    /// <summary>For so long after word of a change nothing of it is kept: a replica may not have heard of it yet.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan SettleTime { get; set; } = TimeSpan.FromSeconds(3);

    public bool IsOn(IConfiguration configuration) => Enabled ?? configuration.IsRedisConfigured();
}
