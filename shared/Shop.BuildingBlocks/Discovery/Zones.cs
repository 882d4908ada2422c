using System.Collections.Immutable;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>Who is asked first.</summary>
/// <remarks>A zone with one replica left gets all the load of its callers: zones are a matter of latency and cost here, not of even load.</remarks>
public static class Zones
{
    /// <summary>The replicas of the caller's own zone that take something, or else all of them.</summary>
    public static IReadOnlyList<ServiceInstance> InZone(this ImmutableArray<ServiceInstance> instances, string? zone) =>
        zone is not null && instances.Where(instance => instance.Zone == zone && instance.Weight > 0).ToArray() is { Length: > 0 } near ? near : instances;
}
