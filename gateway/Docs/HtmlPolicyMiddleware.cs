namespace Shop.Gateway.Docs;

/// <summary>Lets the HTML pages of this process load nothing but its own files.</summary>
internal sealed class HtmlPolicyMiddleware(RequestDelegate next)
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(state =>
        {
            var response = (HttpResponse)state;
            if (response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) is true)
            {
                response.Headers.ContentSecurityPolicy = Policy;
                response.Headers["Referrer-Policy"] = "no-referrer";
            }

            return Task.CompletedTask;
        }, context.Response);
        return next(context);
    }
}
