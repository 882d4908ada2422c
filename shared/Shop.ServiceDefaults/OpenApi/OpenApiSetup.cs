using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Shop.ServiceDefaults;

/// <summary>The OpenAPI 3.1 document of one service: what the framework finds, plus what the endpoints' metadata say.</summary>
internal static class OpenApiSetup
{
    public const string DocumentName = "v1";
    public const string Path = "/internal/openapi.json";

    public static void AddShopOpenApi(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type)?.Replace("View", "", StringComparison.Ordinal);
        options.AddSchemaTransformer(OpenApiSchemas.DescribeAsync);
        options.AddOperationTransformer(OpenApiOperations.DescribeAsync);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Servers?.Clear(); // the address of a replica is nobody's business
            return Task.CompletedTask;
        });
    });
}
