using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Shop.Gateway.Proxy;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Limits;

/// <summary>Works on a bounded number of requests at once; a few more wait for a moment, the rest is refused at once.</summary>
/// <remarks>When the bounds are changed, what is under way counts against the old ones: for a while there may be more than the new ones allow.</remarks>
internal sealed class OverloadMiddleware
{
    private readonly RequestDelegate _next;
    private Bounds _bounds;

    public OverloadMiddleware(RequestDelegate next, IOptionsMonitor<LimitOptions> options)
    {
        _next = next;
        _bounds = new Bounds(options.CurrentValue);
        options.OnChange(changed =>
        {
            if (!Volatile.Read(ref _bounds).Fits(changed))
            {
                Volatile.Write(ref _bounds, new Bounds(changed));
            }
        });
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(GatewayExtensions.ApiPrefix))
        {
            await _next(context); // a probe or a page of the documentation: it must answer under load too
            return;
        }

        var bounds = Volatile.Read(ref _bounds);
        var limiter = PublicRoutes.IsStream(context) ? bounds.Streams : Waits(context.Request) ? bounds.Waits : bounds.Requests;
        using var lease = await TakeAsync(limiter, bounds.Patience, context.RequestAborted);
        await (lease.IsAcquired ? _next(context) : Problems.Overloaded().ExecuteAsync(context));
    }

    private static bool Waits(HttpRequest request) => request.Headers.TryGetValue(ShopHeaders.Prefer, out var preferences) && PreferWait.Parse(preferences).Wait is not null;

    private static async ValueTask<RateLimitLease> TakeAsync(ConcurrencyLimiter limiter, TimeSpan atMost, CancellationToken aborted)
    {
        var lease = limiter.AttemptAcquire();
        if (lease.IsAcquired)
        {
            return lease;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(atMost);
        try
        {
            return await limiter.AcquireAsync(1, patience.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return lease;
        }
    }

    // Not disposed when it is replaced: requests still hold permits of it, and it owns nothing but memory.
    private sealed class Bounds(LimitOptions options)
    {
        public ConcurrencyLimiter Requests { get; } = Create(options.Concurrent, options.Queue);

        public ConcurrencyLimiter Waits { get; } = Create(options.ConcurrentWaits, options.Queue);

        public ConcurrencyLimiter Streams { get; } = Create(options.ConcurrentStreams, queue: 0);

        public TimeSpan Patience => options.QueueTimeout;

        public bool Fits(LimitOptions other) =>
            (other.Concurrent, other.ConcurrentWaits, other.Queue, other.QueueTimeout, other.ConcurrentStreams)
            == (options.Concurrent, options.ConcurrentWaits, options.Queue, options.QueueTimeout, options.ConcurrentStreams);

        private static ConcurrencyLimiter Create(int permits, int queue) =>
            new(new() { PermitLimit = permits, QueueLimit = queue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
    }
}
