using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Links;

/// <summary>Which links a cluster has: from each application to every server that it uses, and to every replica of the other services.</summary>
internal static class LinkPlan
{
    public const string Everybody = "all";

    /// <summary>None, unless the cluster was asked to have them.</summary>
    public static IReadOnlyList<LinkSpec> Of(ClusterOptions options, PortPlan ports)
    {
        if (!options.Parts.HasFlag(ClusterParts.Links))
        {
            return [];
        }

        var pairs =
            from kind in AppKind.All
            where options.Parts.HasFlag(kind.Part)
            from replica in Enumerable.Range(1, kind.Replicas(options))
            from target in Targets(kind, replica, options, ports)
            select (From: kind.Name(replica), target.To, target.Port);
        return [.. pairs.Select((pair, index) => new LinkSpec(pair.From, pair.To, ports.Base + PortPlan.Size + index, pair.Port))];
    }

    /// <summary>The links between two names: of a process, of a service for all of its replicas, or <c>all</c>.</summary>
    /// <exception cref="ClusterException">There is none.</exception>
    public static IReadOnlyList<LinkSpec> Match(IReadOnlyList<LinkSpec> links, string from, string to)
    {
        if (links.Count == 0)
        {
            throw new ClusterException("the cluster has no links: start it with 'cluster up --links'");
        }

        List<LinkSpec> matches = [.. links.Where(link => Is(link.From, from) && Is(link.To, to))];
        return matches.Count > 0 ? matches : throw new ClusterException(
            links.All(link => !Is(link.From, from))
                ? $"nothing connects from '{from}': one of {Names(links.Select(link => link.From))}"
                : $"'{from}' does not connect to '{to}': one of {Names(links.Where(link => Is(link.From, from)).Select(link => link.To))}");
    }

    private static bool Is(string process, string name) =>
        name == Everybody || process == name || (process.StartsWith($"{name}-", StringComparison.Ordinal) && int.TryParse(process.AsSpan(name.Length + 1), out _));

    private static string Names(IEnumerable<string> names) => string.Join(", ", names.Distinct().Append(Everybody));

    private static IEnumerable<(string To, int Port)> Targets(AppKind kind, int replica, ClusterOptions options, PortPlan ports)
    {
        if (kind.IsService && options.Parts.HasFlag(ClusterParts.Postgres))
        {
            yield return (PostgresServer.Name, ports.Postgres);
        }

        if (kind.IsService && options.Parts.HasFlag(ClusterParts.RabbitMq))
        {
            yield return (RabbitMqServer.Name, ports.RabbitMq);
        }

        if (options.Parts.HasFlag(ClusterParts.Redis))
        {
            yield return (RedisServer.Name, ports.Redis);
        }

        for (var node = 1; kind.TakesLocks && options.Parts.HasFlag(ClusterParts.Locks) && node <= options.LockNodes; node++)
        {
            yield return (RedisServer.LockName(node), ports.Lock(node));
        }

        if (options.Parts.HasFlag(ClusterParts.Consul))
        {
            var agent = ConsulServers.AgentOf(replica);
            yield return (ConsulServers.Name(agent), ports.ConsulHttp(agent));
        }

        foreach (var other in AppKind.All.Where(other => other.IsService && other != kind && options.Parts.HasFlag(other.Part)))
        {
            for (var i = 1; i <= other.Replicas(options); i++)
            {
                yield return (other.Name(i), other.Port(ports, i));
            }
        }
    }
}
