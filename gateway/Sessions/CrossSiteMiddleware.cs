using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions;

/// <summary>Refuses changes that another site makes a browser send with the cookie.</summary>
/// <remarks>
/// A browser always says where a changing request comes from; a request that says nothing comes from another kind of client,
/// which nobody can trick into sending a cookie.
/// </remarks>
internal sealed class CrossSiteMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (IsSafe(request.Method) || CurrentSession.Of(context) is not { FromCookie: true })
        {
            return next(context);
        }

        if (!IsOwnSite(request))
        {
            return Problems.CrossSite().ExecuteAsync(context);
        }

        // A form of another site can send text/plain and the like without asking first, JSON it cannot.
        var hasBody = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;
        return hasBody && !request.HasJsonContentType() ? Problems.UnsupportedMediaType().ExecuteAsync(context) : next(context);
    }

    internal static bool IsOwnSite(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site))
        {
            return site.ToString() is "same-origin" or "none";
        }

        // The host only: whoever ends TLS in front of this process changes the scheme.
        return !request.Headers.TryGetValue("Origin", out var origin)
            || (Uri.TryCreate(origin.ToString(), UriKind.Absolute, out var uri)
                && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}
