using Microsoft.Extensions.Options;

namespace Shop.Gateway.Docs;

/// <summary>Answers 404 to the documentation while it is switched off.</summary>
internal sealed class DocsSwitch(RequestDelegate next, IOptionsMonitor<FeatureOptions> features)
{
    private static readonly PathString[] Switched = ["/docs", "/openapi"];

    public Task InvokeAsync(HttpContext context)
    {
        if (features.CurrentValue.Docs || !Switched.Any(path => context.Request.Path.StartsWithSegments(path)))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
