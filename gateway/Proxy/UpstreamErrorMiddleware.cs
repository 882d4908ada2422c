using Shop.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace Shop.Gateway.Proxy;

/// <summary>Says in the shop's own words why a request could not be forwarded.</summary>
internal sealed class UpstreamErrorMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        // The client's own fault, such as a body over the limit that came in chunks; everything else is a service that is away.
        var refusal = failure.Exception?.GetBaseException() is BadHttpRequestException bad
            ? Problems.Of(ProblemCatalogue.ForStatus(bad.StatusCode))
            : Problems.Unavailable($"The service '{context.GetReverseProxyFeature().Cluster.Config.ClusterId}' does not answer.");
        await refusal.ExecuteAsync(context);
    }
}
