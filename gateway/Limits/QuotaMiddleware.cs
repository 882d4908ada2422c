namespace Shop.Gateway.Limits;

/// <summary>Counts each request of the API against its session, or against its address where it has none.</summary>
internal sealed class QuotaMiddleware(RequestDelegate next, Quotas quotas)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments(GatewayExtensions.ApiPrefix) && quotas.TakeForRequest(context) is { } refusal
            ? refusal.ExecuteAsync(context)
            : next(context);
}
