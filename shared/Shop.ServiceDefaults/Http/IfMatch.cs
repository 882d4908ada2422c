using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Primitives;

namespace Shop.ServiceDefaults;

/// <summary>The versions that a caller is willing to change, from the header If-Match; without the header, any.</summary>
/// <remarks>A check before the write decides nothing by itself: the write must be conditional on the version that was checked.</remarks>
public readonly record struct IfMatch(StringValues Header) : IEndpointParameterMetadataProvider
{
    public bool IsPresent => Header.Count > 0;

    public bool Allows(long version) => !IsPresent || ETags.MatchHits(Header, ETags.FromVersion(version));

    public static ValueTask<IfMatch> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(new IfMatch(context.Request.Headers.IfMatch));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new DocumentedParameter("If-Match", InHeader: true, Required: false, "string",
            "The ETag that the change is meant for: 412 with currentVersion when it is stale."));
}
