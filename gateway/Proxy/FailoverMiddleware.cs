using Yarp.ReverseProxy.Forwarder;

namespace Shop.Gateway.Proxy;

/// <summary>Where no connection to the chosen replica can be made, the others are tried.</summary>
/// <remarks>
/// A request that was sent is not sent again: whether it had an effect is unknown, and the caller repeats it with the same key.
/// </remarks>
internal sealed class FailoverMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var left = proxy.AvailableDestinations;
        await next(context);

        while (left.Count > 1 && WasNotSent(context))
        {
            left = [.. left.Where(replica => replica != proxy.ProxiedDestination)];
            proxy.AvailableDestinations = left;
            context.Features.Set<IForwarderErrorFeature>(null);
            context.Response.StatusCode = StatusCodes.Status200OK;
            await next(context);
        }
    }

    private static bool WasNotSent(HttpContext context) =>
        !context.Response.HasStarted
        && context.GetForwarderErrorFeature()?.Exception is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
}
