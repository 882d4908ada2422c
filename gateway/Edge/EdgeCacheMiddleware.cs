using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Shop.Contracts;
using Shop.Gateway.Proxy;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Edge;

/// <summary>Answers for a service what it has said before, as long as it allows.</summary>
internal sealed class EdgeCacheMiddleware(RequestDelegate next, EdgeCache cache, IHttpClientFactory clients, Microsoft.Extensions.Options.IOptions<EdgeOptions> options, TimeProvider clock)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!PublicRoutes.TraitsOf(context).HasFlag(RouteTraits.Kept)
            || EdgeKey.Of(context.Request) is not { } key
            || await cache.GetAsync(key, old => AskAsync(key, old), context.RequestAborted) is not { } page)
        {
            await next(context);
            return;
        }

        var response = context.Response;
        foreach (var (name, value) in page.Headers)
        {
            response.Headers[name] = value;
        }

        var age = Math.Max(0, (long)(clock.GetUtcNow() - page.StoredAt).TotalSeconds);
        response.Headers.Age = age.ToString(CultureInfo.InvariantCulture);
        if (page.ETag is { } etag && context.Request.Headers.TryGetValue("If-None-Match", out var match) && ETags.NoneMatchHits(match, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            response.Headers.ContentType = default;
            return;
        }

        response.ContentLength = page.Body.Length;
        await response.Body.WriteAsync(page.Body, context.RequestAborted);
    }

    // A call of the gateway's own, not the caller's: it carries nothing of who asks, and goes on for the others when they are gone.
    private async Task<EdgePage?> AskAsync(EdgeKey key, EdgePage? old)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{key.Path}{key.Query}");
        Add("Accept", key.Accept);
        Add("Accept-Language", key.Language);
        if (old?.ETag is { } etag)
        {
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(etag));
        }

        var askedAt = clock.GetUtcNow();
        var client = clients.CreateClient(ServiceNames.Inventory);

        // Its own timeout ends with the headers, and everybody who asks for this page waits for the body.
        using var patience = new CancellationTokenSource(client.Timeout, clock);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        return response.StatusCode is HttpStatusCode.NotModified && old is not null
            ? old.StillRight(response, askedAt)
            : await EdgePage.ReadAsync(response, options.Value.MaxPageBytes, askedAt, patience.Token);

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
