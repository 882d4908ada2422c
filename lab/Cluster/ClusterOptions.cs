using System.Text.Json.Serialization;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Cluster.Model;

namespace Shop.Lab.Cluster;

/// <summary>What a cluster consists of and where it lives; kept in its directory, so that later commands know it too.</summary>
internal sealed record ClusterOptions
{
    public const int DefaultPort = 8080;
    public const int MaxReplicas = 8;
    public const int MinLockNodes = 3;
    public const int MaxLockNodes = 5;

    /// <summary>The port of nginx, and the first of the <see cref="PortPlan.Size"/> ports that the cluster may use.</summary>
    public int Port { get; init; } = DefaultPort;

    public ClusterParts Parts { get; init; } = ClusterParts.All;

    /// <summary>Processes of each service.</summary>
    public int Replicas { get; init; } = 2;

    public int Gateways { get; init; } = 2;

    /// <summary>Where sessions live. With sticky ones nginx sends a caller to the same gateway each time.</summary>
    public ClusterSessions Sessions { get; init; } = ClusterSessions.Central;

    /// <summary>Independent Redis servers for locks: odd, so that a majority is well defined.</summary>
    public int LockNodes { get; init; } = MinLockNodes;

    /// <summary>Configuration of every application above what the cluster itself sets, such as <c>Passwords:Iterations</c>.</summary>
    public IReadOnlyDictionary<string, string> AppSettings { get; init; } = new Dictionary<string, string>();

    /// <summary>How many ports, from <see cref="Port"/> on, the cluster may use: a link takes one more for each pair of processes.</summary>
    [JsonIgnore]
    public int PortCount => PortPlan.Size + LinkPlan.Of(this, new PortPlan(Port)).Count;

    /// <exception cref="ClusterException">A value is out of range.</exception>
    public void Validate()
    {
        Check(Parts != ClusterParts.None, "the cluster has no part");
        Check(Replicas is >= 1 and <= MaxReplicas, $"the number of replicas must be from 1 to {MaxReplicas}");
        Check(Gateways is >= 1 and <= MaxReplicas, $"the number of gateways must be from 1 to {MaxReplicas}");
        Check(LockNodes is MinLockNodes or MaxLockNodes, $"the number of lock nodes must be {MinLockNodes} or {MaxLockNodes}");
        Check(Port >= 1 && Port <= ushort.MaxValue - PortCount, $"the port must be from 1 to {ushort.MaxValue - PortCount}");
    }

    /// <summary>Whether two clusters consist of the same processes, started in the same way.</summary>
    public bool Matches(ClusterOptions other) =>
        this with { AppSettings = other.AppSettings } == other
        && AppSettings.OrderBy(setting => setting.Key, StringComparer.Ordinal)
            .SequenceEqual(other.AppSettings.OrderBy(setting => setting.Key, StringComparer.Ordinal));

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ClusterException(otherwise);
        }
    }
}
