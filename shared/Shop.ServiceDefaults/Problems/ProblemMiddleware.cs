using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Shop.ServiceDefaults;

/// <summary>Makes every refusal that has no body a problem, and every exception too.</summary>
/// <remarks>A response that has started cannot be changed any more: its connection is cut instead.</remarks>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ExceptionMapper mapper, ILogger<ProblemMiddleware> logger)
{
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && IsAbort(exception))
        {
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : ClientClosedRequest;
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var problem = mapper.Map(exception);
            if (problem is null)
            {
                Log.Unhandled(logger, exception, context.Request.Method, context.GetEndpoint()?.DisplayName);
            }
            else if (problem.StatusCode >= 500)
            {
                Log.DependencyAway(logger, context.Request.Method, context.GetEndpoint()?.DisplayName, exception.GetBaseException().Message);
            }

            context.Response.Clear();
            await (problem ?? new ProblemResult(ProblemCatalogue.InternalError)).ExecuteAsync(context);
            return;
        }

        if (context.Response is { StatusCode: >= 400 and not ClientClosedRequest, HasStarted: false, ContentType: null, ContentLength: null or 0 })
        {
            context.Response.ContentLength = null;
            var type = ProblemCatalogue.ForStatus(context.Response.StatusCode);
            var retryAfter = type.Status is StatusCodes.Status503ServiceUnavailable ? Problems.Soon : (TimeSpan?)null;
            await new ProblemResult(type) { RetryAfter = retryAfter }.ExecuteAsync(context);
        }
    }

    private static bool IsAbort(Exception exception) => exception is OperationCanceledException or IOException or BadHttpRequestException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Endpoint} failed")]
        public static partial void Unhandled(ILogger logger, Exception exception, string method, string? endpoint);

        [LoggerMessage(2, LogLevel.Warning, "{Method} {Endpoint}: a dependency is away: {Reason}")]
        public static partial void DependencyAway(ILogger logger, string method, string? endpoint, string reason);
    }
}
