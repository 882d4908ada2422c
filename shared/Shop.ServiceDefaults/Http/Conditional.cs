using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Shop.ServiceDefaults;

/// <summary>Results for single resources that have a version.</summary>
/// <remarks>It saves the response's bytes, not the work of reading the resource.</remarks>
public static class Conditional
{
    /// <summary>200 with the value and its ETag, or 304 where If-None-Match names that tag.</summary>
    public static ConditionalOk<T> Ok<T>(T value, string etag) => new(value, etag);

    public static ConditionalOk<T> Ok<T>(T value, long version) => new(value, ETags.FromVersion(version));
}

/// <summary>The result of <see cref="Conditional.Ok{T}(T, string)"/>.</summary>
/// <remarks>Evaluates If-None-Match only; If-Match is for writes, see <see cref="IfMatch"/>.</remarks>
public sealed class ConditionalOk<T>(T value, string etag) : IResult, IEndpointMetadataProvider
{
    public T Value => value;

    public string ETag => etag;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = etag;
        if (httpContext.Request.Headers.TryGetValue("If-None-Match", out var header) && ETags.NoneMatchHits(header, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return TypedResults.Ok(value).ExecuteAsync(httpContext);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
        builder.Metadata.Add(new DocumentedHeader(StatusCodes.Status200OK, "ETag", "Names this state of the resource."));
        builder.Metadata.Add(new DocumentedParameter("If-None-Match", InHeader: true, Required: false, "string",
            "An ETag of an earlier answer: 304 when it is still the current one."));
    }
}
