using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults;

/// <summary>Works for a caller no longer than the caller waits, and lets calls to others know how much is left.</summary>
/// <remarks>What runs without the request's token, such as a commit, is finished all the same.</remarks>
internal sealed class DeadlineMiddleware(RequestDelegate next, TimeProvider clock)
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
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.Clear();
            await Problems.Unavailable("The time that the caller gave has passed.").ExecuteAsync(context);
        }
        finally
        {
            context.RequestAborted = aborted;
        }
    }
}
