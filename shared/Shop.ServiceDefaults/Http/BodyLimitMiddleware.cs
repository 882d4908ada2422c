using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>Refuses a body that announces to be too large, also where nobody would read it.</summary>
/// <remarks>One that comes in chunks announces nothing: Kestrel refuses it when, and only if, it is read.</remarks>
internal sealed class BodyLimitMiddleware(RequestDelegate next, IOptions<RequestLimitOptions> limits)
{
    public Task InvokeAsync(HttpContext context) => context.Request.ContentLength > limits.Value.MaxBodyBytes
        ? Problems.BodyTooLarge().ExecuteAsync(context)
        : next(context);
}
