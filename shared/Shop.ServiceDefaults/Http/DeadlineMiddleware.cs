using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Shop.ServiceDefaults;

/// <summary>Works for a caller no longer than the caller waits, and lets calls to others know how much is left.</summary>
/// <remarks>What runs without the request's token, such as a commit, is finished all the same.</remarks>
internal sealed partial class DeadlineMiddleware(RequestDelegate next, TimeProvider clock, ILogger<DeadlineMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (Deadline.Parse(context.Request.Headers[ShopHeaders.Deadline], clock) is not { } deadline)
        {
            await next(context);
            return;
        }

        if (deadline.HasPassed)
        {
            await Problems.Overloaded().ExecuteAsync(context); // it had no effect, and that is what this problem says
            return;
        }

        var aborted = context.RequestAborted;
        using var passed = new CancellationTokenSource(deadline.Remaining, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, passed.Token);
        context.Features.Set(deadline);
        context.RequestAborted = either.Token;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (passed.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
        }
        finally
        {
            context.RequestAborted = aborted;
        }

        if (passed.IsCancellationRequested && !aborted.IsCancellationRequested)
        {
            await GiveUpAsync(context);
        }
    }

    // Also where nothing was thrown: ASP.NET Core takes a cancelled request for one whose caller is gone, and ends half a list of JSON in good order.
    // Nobody must take that for all of it. What is shorter than the length that it announced is cut by Kestrel itself.
    private Task GiveUpAsync(HttpContext context)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.Clear();
            return Problems.Unavailable("The time that the caller gave has passed.").ExecuteAsync(context);
        }

        if (context.Response.ContentLength is null)
        {
            Log.Cut(logger, context.Request.Method, context.GetEndpoint()?.DisplayName);
            context.Abort();
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Method} {Endpoint}: the time that the caller gave has passed in the middle of the answer, which is cut off")]
        public static partial void Cut(ILogger logger, string method, string? endpoint);
    }
}
