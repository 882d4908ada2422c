using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Shop.BuildingBlocks.Discovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Shop.Gateway.Proxy;

/// <summary>YARP's routes and clusters, made from the table of public routes and the replicas that are known.</summary>
internal sealed class ProxyConfig : IProxyConfigProvider, IDisposable
{
    private static readonly RouteConfig[] Routes = [.. PublicRoutes.All.Select(Route)];

    private readonly ServiceInstances _instances;
    private readonly ProxyOptions _options;
    private readonly string? _zone;
    private readonly string _defaultPolicy;
    private readonly Lock _gate = new();
    private Snapshot _current;

    public ProxyConfig(
        ServiceInstances instances, IOptions<ProxyOptions> options, IOptions<ConsulDiscoveryOptions> discovery, IConfiguration configuration)
    {
        (_instances, _options, _zone) = (instances, options.Value, discovery.Value.InstanceZone);
        _defaultPolicy = ConsulOptions.IsWanted(configuration) ? WeightedPolicy.PolicyName : LoadBalancingPolicies.PowerOfTwoChoices;
        _current = new Snapshot(Clusters());
        instances.Changed += Update;
    }

    public IProxyConfig GetConfig() => Volatile.Read(ref _current);

    public void Dispose() => _instances.Changed -= Update;

    // YARP keeps the state of what has not changed: the connections, health and load of a replica outlive the coming and going of others.
    private void Update()
    {
        Snapshot old;
        lock (_gate)
        {
            (old, _current) = (_current, new Snapshot(Clusters()));
        }

        old.SignalChange();
    }

    private ClusterConfig[] Clusters() => [.. PublicRoutes.All.Select(route => route.Service).Distinct().Select(Cluster)];

    private static RouteConfig Route(PublicRoute route) => new()
    {
        RouteId = route.Id,
        ClusterId = route.Service,
        Match = new RouteMatch { Methods = [route.Method], Path = route.Path },
    };

    private static DestinationConfig Destination(ServiceInstance replica) => new()
    {
        Address = replica.Uri.AbsoluteUri,
        Metadata = new Dictionary<string, string>
        {
            [ServiceInstance.WeightKey] = replica.Weight.ToString(CultureInfo.InvariantCulture),
            [ServiceInstance.ZoneKey] = replica.Zone ?? "",
        },
    };

    private ClusterConfig Cluster(string service) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = _options.LoadBalancingByService.GetValueOrDefault(service, _options.LoadBalancingPolicy ?? _defaultPolicy),
        Destinations = _instances.Of(service).Instances.InZone(_zone).ToDictionary(replica => replica.InstanceId, Destination),
        HttpClient = new HttpClientConfig { MaxConnectionsPerServer = _options.MaxConnectionsPerReplica },
        HttpRequest = new ForwarderRequestConfig
        {
            ActivityTimeout = _options.ActivityTimeout,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        },
        HealthCheck = new HealthCheckConfig
        {
            // When no replica seems well, one is tried all the same: the checks may be wrong, and a refusal costs little.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Active = new ActiveHealthCheckConfig
            {
                Enabled = true,
                Path = "/health/ready",
                Interval = _options.HealthInterval,
                Timeout = _options.HealthTimeout,
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = true,
                Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate,
                ReactivationPeriod = _options.ReactivationPeriod,
            },
        },
    };

    private sealed class Snapshot(IReadOnlyList<ClusterConfig> clusters) : IProxyConfig
    {
        private readonly CancellationTokenSource _changed = new();

        public IReadOnlyList<RouteConfig> Routes => ProxyConfig.Routes;

        public IReadOnlyList<ClusterConfig> Clusters => clusters;

        public IChangeToken ChangeToken => new CancellationChangeToken(_changed.Token);

        public void SignalChange() => _changed.Cancel();
    }
}
