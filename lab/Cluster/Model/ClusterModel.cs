using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Model;

/// <summary>Every process of one cluster, made from its options and nothing else: two calls give the same processes.</summary>
internal sealed class ClusterModel
{
    private readonly Dictionary<string, ProcessSpec> _byName;

    private ClusterModel(IReadOnlyList<ProcessSpec> processes, Connections connections)
    {
        Processes = processes;
        Connections = connections;
        _byName = processes.ToDictionary(process => process.Name);
    }

    /// <summary>Servers first, then services, then gateways, then nginx.</summary>
    public IReadOnlyList<ProcessSpec> Processes { get; }

    public Connections Connections { get; }

    /// <exception cref="ClusterException">No process has this name.</exception>
    public ProcessSpec this[string name] => _byName.TryGetValue(name, out var process)
        ? process
        : throw new ClusterException($"no process '{name}': one of {string.Join(", ", _byName.Keys)}");

    public static ClusterModel Create(ClusterOptions options, ClusterDirectory directory, ClusterSecrets secrets, SourceTree source, Binaries? found = null)
    {
        var binaries = found ?? new Binaries();
        var ports = new PortPlan(options.Port);
        var connections = new Connections(options, ports, secrets);

        var servers = Servers(options, directory, ports, secrets, binaries).ToList();
        var services = Apps(AppKind.All.Where(kind => kind.IsService), servers);

        // After the services, so that a gateway finds them at its first look; and before them when everything ends.
        List<ProcessSpec> processes = [.. servers, .. services, .. Apps([AppKind.Gateway], [.. servers, .. services])];
        if (options.Parts.HasFlag(ClusterParts.Nginx))
        {
            List<string> gateways = [.. processes.Where(process => process.Part == ClusterParts.Gateways).Select(process => process.Name)];
            processes.Add(NginxServer.Create(directory, ports, options.Sessions, [.. Enumerable.Range(1, options.Gateways).Select(ports.Gateway)], gateways, binaries));
        }

        return new ClusterModel(processes, connections);

        List<ProcessSpec> Apps(IEnumerable<AppKind> kinds, IEnumerable<ProcessSpec> after) =>
        [
            .. from kind in kinds
               where options.Parts.HasFlag(kind.Part)
               from replica in Enumerable.Range(1, kind.Replicas(options))
               select AppProcess.Create(kind, replica, directory, connections, source, [.. after.Select(process => process.Name)], binaries),
        ];
    }

    private static IEnumerable<ProcessSpec> Servers(
        ClusterOptions options, ClusterDirectory directory, PortPlan ports, ClusterSecrets secrets, Binaries binaries)
    {
        if (options.Parts.HasFlag(ClusterParts.Links))
        {
            yield return LinkProcess.Create(directory, ports, binaries);
        }

        if (options.Parts.HasFlag(ClusterParts.Postgres))
        {
            yield return PostgresServer.Create(directory, ports, secrets, binaries);
        }

        if (options.Parts.HasFlag(ClusterParts.RabbitMq))
        {
            yield return RabbitMqServer.CreateEpmd(directory, ports, binaries);
            yield return RabbitMqServer.Create(directory, ports, secrets, binaries);
        }

        if (options.Parts.HasFlag(ClusterParts.Redis))
        {
            yield return RedisServer.Create(directory, ports, secrets, binaries);
        }

        if (options.Parts.HasFlag(ClusterParts.Locks))
        {
            for (var node = 1; node <= options.LockNodes; node++)
            {
                yield return RedisServer.CreateLock(node, directory, ports, secrets, binaries);
            }
        }

        if (options.Parts.HasFlag(ClusterParts.Consul))
        {
            for (var server = 1; server <= ConsulServers.Count; server++)
            {
                yield return ConsulServers.Create(server, directory, ports, secrets, binaries);
            }
        }
    }
}
