using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>Refuses a body that announces to be too large, also where nobody would read it.</summary>
/// <remarks>One that comes in chunks announces nothing: Kestrel refuses it when, and only if, it is read.</remarks>
internal sealed class BodyLimitMiddleware(RequestDelegate next, IOptions<RequestLimitOptions> limits)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength is not { } length || length <= limits.Value.MaxBodyBytes)
        {
            return next(context);
        }

        // Nobody reads it. Without a limit Kestrel reads it away, for a few seconds, before it closes: a connection that is cut
        // while the client still writes costs many clients the answer.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        return Problems.BodyTooLarge().ExecuteAsync(context);
    }
}
