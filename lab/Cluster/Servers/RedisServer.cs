using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;

namespace Shop.Lab.Cluster.Servers;

/// <summary>One Redis for sessions and cache, and independent ones for locks: no replication between any of them.</summary>
internal static class RedisServer
{
    public const string Name = "redis";

    public static string LockName(int node) => $"redis-lock-{node}";

    /// <summary>Sessions are worth a second of them at most; when memory is short, what expires anyway goes first.</summary>
    public static ProcessSpec Create(ClusterDirectory directory, PortPlan ports, ClusterSecrets secrets, Binaries binaries) => Create(
        Name, ClusterParts.Redis, ports.Redis, secrets.Redis, directory, binaries, "appendfsync everysec\nmaxmemory 256mb\nmaxmemory-policy volatile-lru\n");

    /// <summary>A lock that was granted must survive a restart of its node, or two owners could each find a majority.</summary>
    public static ProcessSpec CreateLock(int node, ClusterDirectory directory, PortPlan ports, ClusterSecrets secrets, Binaries binaries) => Create(
        LockName(node), ClusterParts.Locks, ports.Lock(node), secrets.Locks, directory, binaries, "appendfsync always\nmaxmemory-policy noeviction\n");

    private static ProcessSpec Create(
        string name, ClusterParts part, int port, string password, ClusterDirectory directory, Binaries binaries, string durability) => new()
        {
            Name = name,
            Part = part,
            Command = [binaries.Redis, "redis.conf"],
            Ports = [new PortUse("redis", port)],
            Directory = directory.Of(name),
            Files =
            [
                new ConfigFile("redis.conf", $"""
                    bind 127.0.0.1
                    port {port}
                    requirepass {password}
                    daemonize no
                    save ""
                    appendonly yes
                    {durability}
                    """),
            ],
            Readiness = new RedisProbe(port, password),
        };
}
