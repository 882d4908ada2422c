using System.Net;
using Microsoft.Extensions.Options;
using Shop.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Shop.Gateway.Proxy;

/// <summary>YARP's routes and clusters, made from the table of public routes and the configured addresses.</summary>
internal static class ProxyConfig
{
    public static InMemoryConfigProvider Provider(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var options = services.GetRequiredService<IOptions<ProxyOptions>>().Value;
        return new InMemoryConfigProvider(
            [.. PublicRoutes.All.Select(Route)],
            [.. PublicRoutes.All.Select(route => route.Service).Distinct()
                .Select(service => Cluster(service, ServiceAddresses.Of(configuration, service), options))]);
    }

    private static RouteConfig Route(PublicRoute route) => new()
    {
        RouteId = route.Id,
        ClusterId = route.Service,
        Match = new RouteMatch { Methods = [route.Method], Path = route.Path },
    };

    private static ClusterConfig Cluster(string service, IReadOnlyList<Uri> replicas, ProxyOptions options) => new()
    {
        ClusterId = service,
        LoadBalancingPolicy = options.LoadBalancingByService.GetValueOrDefault(service, options.LoadBalancingPolicy),
        Destinations = replicas.ToDictionary(replica => replica.Authority, replica => new DestinationConfig { Address = replica.AbsoluteUri }),
        HttpClient = new HttpClientConfig { MaxConnectionsPerServer = options.MaxConnectionsPerReplica },
        HttpRequest = new ForwarderRequestConfig
        {
            ActivityTimeout = options.ActivityTimeout,
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
                Interval = options.HealthInterval,
                Timeout = options.HealthTimeout,
                Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
            },
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = true,
                Policy = HealthCheckConstants.PassivePolicy.TransportFailureRate,
                ReactivationPeriod = options.ReactivationPeriod,
            },
        },
    };
}
