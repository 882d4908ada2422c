using Microsoft.AspNetCore.Builder;

namespace Shop.ServiceDefaults;

/// <summary>A header that responses with this status carry.</summary>
/// <remarks>Documentation only: it sends nothing.</remarks>
public sealed record DocumentedHeader(int Status, string Name, string Description);

/// <summary>Documents which headers an endpoint answers with.</summary>
public static class DocumentedHeaderExtensions
{
    public static TBuilder Sends<TBuilder>(this TBuilder endpoints, int status, string name, string description)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint => endpoint.Metadata.Add(new DocumentedHeader(status, name, description)));
        return endpoints;
    }
}
