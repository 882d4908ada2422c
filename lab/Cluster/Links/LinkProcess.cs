using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Links;

/// <summary>The process that all links of a cluster run in: this program, with a command that is not for people.</summary>
internal static class LinkProcess
{
    public const string Name = "links";
    public const string Command = "run-links";

    public static ProcessSpec Create(ClusterDirectory directory, PortPlan ports, Binaries binaries) => new()
    {
        Name = Name,
        Part = ClusterParts.Links,
        Command = [binaries.Dotnet, typeof(LinkProcess).Assembly.Location, "cluster", Command, "--directory", directory.Path],
        Ports = [new PortUse("links", ports.LinkControl)],
        Directory = directory.Of(Name),
        Readiness = new TcpProbe(ports.LinkControl),
    };
}
