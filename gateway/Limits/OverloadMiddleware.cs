using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Shop.Gateway.Proxy;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Limits;

/// <summary>Works on a bounded number of requests at once; a few more wait for a moment, the rest is refused at once.</summary>
internal sealed class OverloadMiddleware(RequestDelegate next, IOptions<LimitOptions> options)
{
    private readonly ConcurrencyLimiter _requests = new(new()
    {
        PermitLimit = options.Value.Concurrent,
        QueueLimit = options.Value.Queue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private readonly ConcurrencyLimiter _streams = new(new() { PermitLimit = options.Value.ConcurrentStreams, QueueLimit = 0 });

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(GatewayExtensions.ApiPrefix))
        {
            await next(context); // a probe or a page of the documentation: it must answer under load too
            return;
        }

        using var lease = await TakeAsync(PublicRoutes.IsStream(context) ? _streams : _requests, context.RequestAborted);
        await (lease.IsAcquired ? next(context) : Problems.Overloaded().ExecuteAsync(context));
    }

    private async ValueTask<RateLimitLease> TakeAsync(ConcurrencyLimiter limiter, CancellationToken aborted)
    {
        var lease = limiter.AttemptAcquire();
        if (lease.IsAcquired)
        {
            return lease;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(options.Value.QueueTimeout);
        try
        {
            return await limiter.AcquireAsync(1, patience.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return lease;
        }
    }
}
