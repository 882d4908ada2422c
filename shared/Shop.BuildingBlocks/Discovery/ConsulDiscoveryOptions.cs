using System.ComponentModel.DataAnnotations;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>How this process registers itself and asks for others: Steeltoe's keys, with durations as Consul writes them ("10s", "30m").</summary>
/// <remarks>
/// Three defaults differ from Steeltoe's on purpose: no heartbeat, because it keeps a hung process passing; no fail-fast, because a shop that
/// runs is worth more than a registry that is complete; and the instance id is the stable name of the replica, not a random one.
/// </remarks>
public sealed class ConsulDiscoveryOptions
{
    public const string Section = $"{ConsulOptions.Section}:Discovery";

    private const string Duration = @"\d+(ms|s|m|h)";

    /// <summary>The name of the service, unless stated.</summary>
    public string ServiceName { get; set; } = "";

    /// <summary>The stable name of the replica, unless stated. Two processes with one id overwrite each other.</summary>
    public string InstanceId { get; set; } = "";

    /// <summary>What others connect to; the address that the server listens on, unless stated.</summary>
    public string? HostName { get; set; }

    /// <summary>0: the port that the server listens on.</summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    public IList<string> Tags { get; } = [];

    /// <summary>Two keys have a meaning here: <c>weight</c> (0 to 1000, 1 if absent) and <c>zone</c>.</summary>
    public IDictionary<string, string> Metadata { get; } = new Dictionary<string, string>();

    /// <summary>Put into the metadata as <c>zone</c>; callers of the same zone are served first.</summary>
    public string? InstanceZone { get; set; }

    /// <summary>Replicas that this process reaches by another address than the registered one: a tunnel, a sidecar, a proxy of the lab.</summary>
    public IList<ViaAddress> Via { get; } = [];

    public bool Register { get; set; } = true;

    public bool Deregister { get; set; } = true;

    /// <summary>A process that cannot reach Consul at its start ends.</summary>
    public bool FailFast { get; set; }

    public bool RegisterHealthCheck { get; set; } = true;

    public string HealthCheckPath { get; set; } = "/health/ready";

    [RegularExpression(Duration)]
    public string HealthCheckInterval { get; set; } = "5s";

    [RegularExpression(Duration)]
    public string HealthCheckTimeout { get; set; } = "2s";

    /// <summary>When Consul forgets an instance that stays critical.</summary>
    [RegularExpression(Duration)]
    public string HealthCheckCriticalTimeout { get; set; } = "30m";

    public HeartbeatOptions Heartbeat { get; set; } = new();

    /// <summary>Instances that do not pass their check are not asked for.</summary>
    public bool QueryPassing { get; set; } = true;

    /// <summary>How often it is verified that Consul still knows this instance.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan RegistrationInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a process that stops still serves after Consul was told, so that every watcher has looked elsewhere.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a start waits for the first lists of instances; after that it goes on without.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan StartWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a discovery client that cannot watch is asked.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Where this process reaches a replica.</summary>
public sealed class ViaAddress
{
    public string InstanceId { get; set; } = "";

    public Uri? Address { get; set; }
}

/// <summary>A check that the process itself keeps alive, for where Consul cannot reach it.</summary>
/// <remarks>A heartbeat proves that a timer runs, not that requests are answered: readiness is asked before each beat, and still from inside.</remarks>
public sealed class HeartbeatOptions
{
    public bool Enabled { get; set; }

    /// <summary>Seconds after the last beat until the instance is critical.</summary>
    [Range(1, 3600)]
    public int TtlValue { get; set; } = 30;
}
