using System.Globalization;
using Shop.BuildingBlocks.Discovery;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Shop.Gateway.Proxy;

/// <summary>Power of two choices by weight: two replicas are drawn by their weights, and the one with less to do for its weight is taken.</summary>
internal sealed class WeightedPolicy : ILoadBalancingPolicy
{
    public const string PolicyName = "Weighted";

    private uint _turn = uint.MaxValue;

    public string Name => PolicyName;

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        if (availableDestinations.Count == 0)
        {
            return null;
        }

        var first = Draw();
        var second = Draw();
        return Load(second) < Load(first) ? second : first;

        DestinationState Draw() => WeightedChoice.Pick(availableDestinations, WeightOf, Interlocked.Increment(ref _turn));
    }

    internal static int WeightOf(DestinationState destination) =>
        destination.Model.Config.Metadata?.GetValueOrDefault(ServiceInstance.WeightKey) is { } weight
            ? int.Parse(weight, CultureInfo.InvariantCulture)
            : 1;

    // Drawn only by weights of 0 when all of them are.
    private static double Load(DestinationState destination) => (double)destination.ConcurrentRequestCount / Math.Max(WeightOf(destination), 1);
}
