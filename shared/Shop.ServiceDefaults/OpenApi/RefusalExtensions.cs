using Microsoft.AspNetCore.Builder;

namespace Shop.ServiceDefaults;

/// <summary>Documents with which problems an endpoint refuses.</summary>
/// <remarks>Documentation only: it neither makes an endpoint refuse nor stops it from refusing otherwise.</remarks>
public static class RefusalExtensions
{
    public static TBuilder Refuses<TBuilder>(this TBuilder endpoints, params ProblemType[] problems)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(endpoint => endpoint.Metadata.Add(new Refusals(problems)));
        return endpoints;
    }
}

internal sealed record Refusals(IReadOnlyList<ProblemType> Problems);
