using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Shop.ServiceDefaults;

/// <summary>Puts the headers on that every response carries, and the route and status on the server span.</summary>
internal sealed class RequestMiddleware(RequestDelegate next, ServiceInfo service, IHostApplicationLifetime lifetime)
{
    private readonly Func<object, Task> _addHeaders = state =>
    {
        var context = (HttpContext)state;
        var headers = context.Response.Headers;

        // A process that ends takes its connections along, and a request that is just being sent on one of them would be lost: whoever is
        // answered while it drains opens another connection, to another replica.
        if (lifetime.ApplicationStopping.IsCancellationRequested && context.Request.Protocol == HttpProtocol.Http11)
        {
            headers.Connection = "close";
        }

        headers[ShopHeaders.TraceId] = TraceIds.Of(context);
        headers.XContentTypeOptions = "nosniff";

        // A proxied response keeps the name of the replica that made it.
        headers.TryAdd(ShopHeaders.Instance, service.Instance);
        return Task.CompletedTask;
    };

    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(_addHeaders, context);
        await next(context);

        if (context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span)
        {
            Describe(span, context);
        }
    }

    private static void Describe(Activity span, HttpContext context)
    {
        span.SetTag("http.request.method", context.Request.Method);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
        {
            span.SetTag("http.route", route);
            span.DisplayName = $"{context.Request.Method} {route}";
        }

        if (context.Response.StatusCode >= 500)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }
}
