using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;
using Shop.Gateway.Edge;
using Shop.Gateway.Orders;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Shop.Gateway.Proxy;

internal static class ProxyExtensions
{
    public static void AddProxy(this IServiceCollection services)
    {
        services.AddOptions<ProxyOptions>().BindConfiguration(ProxyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IProxyConfigProvider, ProxyConfig>();
        services.AddSingleton<ILoadBalancingPolicy, WeightedPolicy>();
        services.AddSingleton<IForwarderHttpClientFactory, ProxyHttpClientFactory>();

        // YARP leaves a replica alone for at least as long as it remembers failures, which is a minute unless told otherwise.
        services.AddOptions<TransportFailureRateHealthPolicyOptions>()
            .Configure<IOptions<ProxyOptions>>((policy, proxy) => policy.DetectionWindowSize = proxy.Value.ReactivationPeriod);
        services.AddReverseProxy().AddTransforms(ForwardedHeaders.Apply);

        // YARP brings data protection for affinity cookies, which are not used: no key files, then.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
    }

    public static void MapProxy(this IEndpointRouteBuilder routes) => routes.MapReverseProxy(proxy =>
    {
        proxy.UseMiddleware<UpstreamErrorMiddleware>();
        proxy.UseMiddleware<UnknownSessionMiddleware>();
        proxy.UseMiddleware<ClientBodyMiddleware>();
        proxy.UseEdge();
        proxy.UseMiddleware<FailoverMiddleware>();
        proxy.UseLoadBalancing();
        proxy.UsePassiveHealthChecks();
    });
}
