using System.Net;
using Microsoft.Extensions.Options;
using Believed = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders;

namespace Shop.Gateway.Proxy;

/// <summary>Believes what a named proxy says about where a request comes from (X-Forwarded-For, X-Forwarded-Proto), and nobody else.</summary>
/// <remarks>One proxy deep: of a list the last address counts, which is the one that the proxy itself has seen.</remarks>
internal static class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services) => services
        .AddOptions<ForwardedHeadersOptions>()
        .Configure<IOptions<ProxyOptions>>((forwarded, proxy) =>
        {
            forwarded.ForwardedHeaders = Believed.XForwardedFor | Believed.XForwardedProto;
            forwarded.ForwardLimit = 1;
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var address in proxy.Value.TrustedProxies)
            {
                forwarded.KnownProxies.Add(IPAddress.Parse(address));
            }
        });

    public static IApplicationBuilder UseTrustedProxies(this IApplicationBuilder app)
    {
        // Without a single name that middleware believes everybody.
        var isAnyTrusted = app.ApplicationServices.GetRequiredService<IOptions<ProxyOptions>>().Value.TrustedProxies.Length > 0;
        return isAnyTrusted ? app.UseForwardedHeaders() : app;
    }
}
