using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Redis;

/// <summary>How this process reaches Redis.</summary>
/// <remarks>
/// One primary, with or without replicas and Sentinel; not Redis Cluster, because the scripts touch keys of two slots. Processes that share
/// sessions and limits need the same server and the same prefix; nothing checks that they have them.
/// </remarks>
public sealed class RedisOptions
{
    public const string Section = "Redis";
    public const string ConnectionStringKey = $"{Section}:{nameof(ConnectionString)}";

    /// <summary>As StackExchange.Redis writes it: <c>host:port,password=..</c>.</summary>
    [Required]
    public string ConnectionString { get; set; } = "";

    /// <summary>The start of every key, so that two shops can live on one server.</summary>
    [Required]
    public string KeyPrefix { get; set; } = "shop:";

    /// <summary>How long a caller waits for one answer. After that the outcome is unknown.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(1);
}
