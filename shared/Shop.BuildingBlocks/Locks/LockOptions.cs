using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Who keeps this process's locks, and for how long.</summary>
public sealed class LockOptions
{
    public const string Section = "Locks";
    public const int MaxResourceLength = 200;

    /// <summary>One of <see cref="LockProviders"/>. Left out: <c>process</c> on SQLite, <c>redlock</c> on PostgreSQL where nodes are configured, else
    /// <c>postgres-advisory</c>.</summary>
    public string Provider { get; set; } = "";

    /// <summary>How long a lock outlives a holder that is gone or silent. Consul takes no less than 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "00:05:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a lock may be held at all: a holder that hangs and renews for ever must not keep others out for ever.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00")]
    public TimeSpan MaxHold { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an operation of the shop waits for a lock that somebody else holds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>The longest pause between two tries: each is drawn at random, so that those who collided once do not collide again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Redlock: the independent servers, as StackExchange.Redis writes them.</summary>
    public IReadOnlyList<string> Nodes { get; set; } = [];

    /// <summary>Redlock: how long one node is waited for. Small beside <see cref="TimeToLive"/>, so that a node that is away costs little of it.</summary>
    [Range(typeof(TimeSpan), "00:00:00.005", "00:00:10")]
    public TimeSpan NodeTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>PostgreSQL: how many locks are held or waited for at once. Each is a connection of its own.</summary>
    [Range(1, 100)]
    public int MaxConnections { get; set; } = 16;

    /// <summary>Consul: how long a key stays locked after its holder's session has ended without a release.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LockDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The start of every lock's name, so that two shops can use the same servers. The cluster's Consul lets services write under <c>shop/</c>.</summary>
    [Required]
    public string KeyPrefix { get; set; } = "shop/locks/";

    internal string KeyOf(string resource)
    {
        ArgumentOutOfRangeException.ThrowIfZero(resource.Length, nameof(resource));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(resource.Length, MaxResourceLength, nameof(resource));
        return KeyPrefix + resource;
    }
}
