using System.Buffers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Shop.Gateway.Sessions.Peers;

namespace Shop.Gateway.Proxy;

/// <summary>Answers 404 to paths that are not for the world, and to every spelling that two parsers may read in two ways.</summary>
/// <remarks>The routes are an allow-list already; this is for the day when somebody adds a wide one.</remarks>
internal sealed class PathGate(RequestDelegate next, IOptions<ProxyOptions> options)
{
    private const string Operations = "/ops";
    private const string Internal = "/internal";

    // Encoded slash, backslash, dot, percent and NUL; a second path; a matrix parameter. No path of the API needs any of them.
    private static readonly SearchValues<string> Ambiguous = SearchValues.Create(
        ["%2f", "%5c", "%2e", "%25", "%00", "\\", "//", ";", "/../", "/./"], StringComparison.OrdinalIgnoreCase);

    public Task InvokeAsync(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!IsAmbiguous(target) && (!IsUnder(Internal) || PeerEndpoints.IsFromPeer(context)) && (!IsUnder(Operations) || context.Connection.LocalPort == options.Value.OperatorPort))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;

        bool IsUnder(string prefix) => context.Request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Judges the request target as it came, before anything decoded it; the query is the services' own matter.</summary>
    internal static bool IsAmbiguous(string target)
    {
        var path = PathOf(target.Split('?', 2)[0]);
        return path.AsSpan().ContainsAny(Ambiguous) || path.EndsWith("/..", StringComparison.Ordinal);
    }

    // A server must accept the absolute form too (RFC 9112, 3.2.2). Kestrel has compared its authority with the Host header.
    private static string PathOf(string target)
    {
        var authority = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : target.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
            : 0;
        return authority == 0 ? target : target.IndexOf('/', authority) is >= 0 and var path ? target[path..] : "";
    }
}
