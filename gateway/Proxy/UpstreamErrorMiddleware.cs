using Shop.ServiceDefaults;
using Yarp.ReverseProxy.Forwarder;

namespace Shop.Gateway.Proxy;

/// <summary>Says in the shop's own words why a request could not be forwarded.</summary>
internal sealed partial class UpstreamErrorMiddleware(RequestDelegate next, ILogger<UpstreamErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        if (context.GetForwarderErrorFeature() is not { } failure || context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        var fault = ClientsFault(failure.Exception);
        if (fault is null)
        {
            Log.NotForwarded(logger, service, failure.Error, failure.Exception?.GetBaseException().Message);
        }

        if (!context.Response.HasStarted)
        {
            await (fault ?? Problems.Unavailable($"The service '{service}' does not answer.")).ExecuteAsync(context);
        }
    }

    // Such as a body over the limit that came in chunks; everything else is a service that is away.
    private static IResult? ClientsFault(Exception? exception)
    {
        IEnumerable<Exception> causes = exception is AggregateException several ? several.Flatten().InnerExceptions : exception is null ? [] : [exception];
        return causes.OfType<BadHttpRequestException>().FirstOrDefault() is { } bad ? Problems.Of(ProblemCatalogue.ForStatus(bad.StatusCode)) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Service}: {Error}: {Reason}")]
        public static partial void NotForwarded(ILogger logger, string service, ForwarderError error, string? reason);
    }
}
