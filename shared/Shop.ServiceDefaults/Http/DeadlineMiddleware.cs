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
    // Nobody must take that for all of it.
    private static Task GiveUpAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return Problems.Unavailable("The time that the caller gave has passed.").ExecuteAsync(context);
    }
}
