using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>Refuses a body that is too large, also where nobody would read it, and lets nobody work on a request before its body is there.</summary>
/// <remarks>
/// Whoever announces a body and sends it slowly, or never, costs a connection and nothing else: the places for requests that are worked on
/// stay free for others. What arrives is kept by Kestrel, which counts it and gives up a body that is too slow.
/// </remarks>
internal sealed class BodyLimitMiddleware(RequestDelegate next, IOptions<RequestLimitOptions> limits)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > limits.Value.MaxBodyBytes)
        {
            // Nobody reads it. Without a limit Kestrel reads it away, for a few seconds, before it closes: a connection that is cut
            // while the client still writes costs many clients the answer.
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = null;
            }

            await Problems.BodyTooLarge().ExecuteAsync(context);
            return;
        }

        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true)
        {
            await ArrivalAsync(context);
        }

        await next(context);
    }

    // Looked at and not consumed: whoever reads the body finds all of it. Kestrel throws where chunks add up to too much.
    private static async Task ArrivalAsync(HttpContext context)
    {
        var body = context.Request.BodyReader;
        for (var isComplete = false; !isComplete;)
        {
            var part = await body.ReadAsync(context.RequestAborted);
            isComplete = part.IsCompleted;
            body.AdvanceTo(part.Buffer.Start, isComplete ? part.Buffer.Start : part.Buffer.End);
        }
    }
}
