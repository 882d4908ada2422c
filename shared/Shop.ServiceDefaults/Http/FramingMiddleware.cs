using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults;

/// <summary>Refuses a request whose end two servers may see at two places, before anything of it is read.</summary>
/// <remarks>
/// Kestrel refuses most of them by itself. A length beside chunks it takes as chunks, as RFC 9112 (6.1) allows: a proxy in front that counted
/// by the length would take the rest for another request. Chunks in HTTP/1.0 are unknown to whoever speaks only that.
/// </remarks>
internal sealed class FramingMiddleware(RequestDelegate next)
{
    // The name under which Kestrel keeps a length that stood beside chunks.
    private const string LengthBesideChunks = "X-Content-Length";

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var isDoubtful = request.Headers.TransferEncoding.Count > 0
            && (request.Headers.ContainsKey(LengthBesideChunks) || request.Headers.ContentLength is not null || request.Protocol != HttpProtocol.Http11);
        if (!isDoubtful)
        {
            return next(context);
        }

        // What follows is not read as a request.
        context.Response.Headers.Connection = "close";
        return new ProblemResult(ProblemCatalogue.BadRequest).ExecuteAsync(context);
    }
}
