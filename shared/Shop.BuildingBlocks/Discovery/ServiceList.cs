using System.Collections.Immutable;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>The replicas of one service that are believed to be there, never changed in place.</summary>
/// <param name="IsLastGood">The registry says that there is none, and is not believed.</param>
public sealed record ServiceList(ImmutableArray<ServiceInstance> Instances, bool IsLastGood = false)
{
    public static readonly ServiceList Empty = new([]);

    /// <summary>The list after the registry has answered.</summary>
    /// <remarks>
    /// An empty answer is far more often a registry that has lost its data, its checks or its permissions than a service that was taken away,
    /// and being wrong costs a refused connection in one case and an outage in the other. A service that was scaled to zero on purpose is
    /// not told apart: its last replicas are tried until the caller itself restarts.
    /// </remarks>
    public ServiceList After(IEnumerable<ServiceInstance> answer)
    {
        // One id on two agents is one replica that has moved; which of the two entries is the old one cannot be seen here.
        ImmutableArray<ServiceInstance> instances = [.. answer.DistinctBy(instance => instance.InstanceId).OrderBy(instance => instance.InstanceId, StringComparer.Ordinal)];
        return instances.IsEmpty && !Instances.IsEmpty ? this with { IsLastGood = true } : new ServiceList(instances);
    }
}
