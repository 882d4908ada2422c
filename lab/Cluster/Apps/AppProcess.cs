using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Apps;

/// <summary>One replica of a service or a gateway, as it is built for deployment.</summary>
internal static class AppProcess
{
    public static ProcessSpec Create(
        AppKind kind, int replica, ClusterDirectory directory, Connections connections, SourceTree source, IReadOnlyList<string> after, Binaries binaries) => new()
        {
            Name = kind.Name(replica),
            Part = kind.Part,
            Command = [binaries.Dotnet, source.Assembly(kind.Project)],
            Environment = AppEnvironment.Of(kind, replica, connections),
            Ports = [new PortUse("http", kind.Port(connections.Ports, replica))],
            Directory = directory.Of(kind.Name(replica)),
            DependsOn = after,
            Readiness = new HttpProbe(new Uri($"{kind.Address(connections.Ports, replica)}/health/ready")),
            Registered = connections.Options.Parts.HasFlag(ClusterParts.Consul)
                ? new RegistryProbe(connections.Agent(replica), connections.Secrets.ConsulServiceToken, kind.Name(replica))
                : null,
        };
}
