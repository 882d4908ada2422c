using Shop.Contracts;
using Shop.Lab.Cluster.Model;

namespace Shop.Lab.Cluster.Apps;

/// <summary>One of the four applications: what it is called, what is built for it, and where its replicas listen.</summary>
internal sealed record AppKind(string Service, string Project, Func<PortPlan, int, int> Port)
{
    public static readonly AppKind Ordering = new(ServiceNames.Ordering, "Shop.Ordering", (ports, replica) => ports.Ordering(replica));
    public static readonly AppKind Inventory = new(ServiceNames.Inventory, "Shop.Inventory", (ports, replica) => ports.Inventory(replica));
    public static readonly AppKind Payments = new(ServiceNames.Payments, "Shop.Payments", (ports, replica) => ports.Payments(replica));
    public static readonly AppKind Gateway = new(ServiceNames.Gateway, "Shop.Gateway", (ports, replica) => ports.Gateway(replica));

    public static readonly IReadOnlyList<AppKind> All = [Ordering, Inventory, Payments, Gateway];

    /// <summary>The gateway keeps no data of its own and sends no messages.</summary>
    public bool IsService => this != Gateway;

    /// <summary>The others need no password of the lock nodes.</summary>
    public bool TakesLocks => this == Inventory || this == Payments;

    public ClusterParts Part => IsService ? ClusterParts.Services : ClusterParts.Gateways;

    public int Replicas(ClusterOptions options) => IsService ? options.Replicas : options.Gateways;

    public string Name(int replica) => $"{Service}-{replica}";

    public string Address(PortPlan ports, int replica) => $"http://127.0.0.1:{Port(ports, replica)}";

    /// <summary>Distinct for each process of the cluster.</summary>
    public int Worker(int replica)
    {
        var index = All.Select((kind, position) => (kind, position)).First(entry => entry.kind == this).position;
        return (index * ClusterOptions.MaxReplicas) + replica;
    }
}
