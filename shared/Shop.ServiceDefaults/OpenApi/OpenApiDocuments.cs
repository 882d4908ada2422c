using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Shop.ServiceDefaults;

/// <summary>Reads the OpenAPI document of a running app from its container, without a request.</summary>
/// <remarks>Only after the app has started: before, it has no endpoints.</remarks>
public static class OpenApiDocuments
{
    public static async Task<JsonNode> ReadAsync(IServiceProvider app, CancellationToken cancellationToken = default)
    {
        await using var scope = app.CreateAsyncScope();
        var provider = scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(OpenApiSetup.DocumentName);
        var document = await provider.GetOpenApiDocumentAsync(cancellationToken);
        return JsonNode.Parse(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken))!;
    }
}
