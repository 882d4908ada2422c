using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Metadata;

namespace Shop.ServiceDefaults;

/// <summary>200 with a page, and <c>Link: rel="next"</c> where there is a next one.</summary>
/// <remarks>The link is relative and keeps the other query parameters; it is right behind the gateway because paths are not rewritten.</remarks>
public sealed class PageResult<T>(Page<T> page) : IResult, IEndpointMetadataProvider
{
    public Page<T> Page => page;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (page.Next is { } next)
        {
            httpContext.Response.Headers.Link = $"<{NextAddress(httpContext.Request, next)}>; rel=\"next\"";
        }

        return TypedResults.Ok(page).ExecuteAsync(httpContext);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Page<T>), ["application/json"]));
        builder.Metadata.Add(new DocumentedHeader(StatusCodes.Status200OK, "Link", "Where the next page is, if there is one: rel=\"next\"."));
    }

    private static string NextAddress(HttpRequest request, string next)
    {
        var query = new QueryBuilder(request.Query.Where(pair => pair.Key != "cursor")) { { "cursor", next } };
        return request.PathBase.Add(request.Path).ToUriComponent() + query.ToQueryString();
    }
}
