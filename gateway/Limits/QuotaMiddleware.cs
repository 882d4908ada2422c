namespace Shop.Gateway.Limits;

/// <summary>Counts each request of the API against its session, or against its address where it has none.</summary>
internal sealed class QuotaMiddleware(RequestDelegate next, Quotas quotas)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var refusal = context.Request.Path.StartsWithSegments(GatewayExtensions.ApiPrefix) ? await quotas.TakeForRequestAsync(context) : null;
        await (refusal is null ? next(context) : refusal.ExecuteAsync(context));
    }
}
