using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Shop.ServiceDefaults;

/// <summary>The OpenAPI 3.1 document of one service: what the framework finds, plus bound headers and problems.</summary>
internal static class OpenApiSetup
{
    public const string DocumentName = "v1";
    public const string Path = "/internal/openapi.json";

    private const string ProblemSchema = "Problem";
    private const string Token = "token";
    private const string Cookie = "cookie";

    public static void AddShopOpenApi(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddOperationTransformer(DescribeAsync);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Servers?.Clear(); // the address of a replica is nobody's business
            return Task.CompletedTask;
        });
    });

    private static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (var parameter in metadata.OfType<DocumentedParameter>())
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.InHeader ? ParameterLocation.Header : ParameterLocation.Query,
                Required = parameter.Required,
                Description = parameter.Description,
                Schema = new OpenApiSchema { Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
        }

        var document = context.Document!;
        if (document.Components?.Schemas?.ContainsKey(ProblemSchema) is not true)
        {
            document.AddComponent(ProblemSchema, await context.GetOrCreateSchemaAsync(typeof(ProblemBody), null, cancellationToken));
        }

        if (metadata.OfType<Refusals>().Any(refusals => refusals.Problems.Contains(ProblemCatalogue.Unauthorized)))
        {
            document.AddComponent<IOpenApiSecurityScheme>(Token, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer" });
            document.AddComponent<IOpenApiSecurityScheme>(
                Cookie, new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "shop.sid" });
            operation.Security =
            [
                new() { [new OpenApiSecuritySchemeReference(Token, document)] = [] },
                new() { [new OpenApiSecuritySchemeReference(Cookie, document)] = [] },
            ];
        }

        operation.Responses ??= [];
        foreach (var refusals in metadata.OfType<Refusals>()
            .SelectMany(refusal => refusal.Problems).Distinct().GroupBy(problem => problem.Status).OrderBy(group => group.Key))
        {
            var status = refusals.Key.ToString(CultureInfo.InvariantCulture);
            operation.Responses[status] = Response(string.Join(", ", refusals.Select(problem => problem.Slug)));
        }

        operation.Responses["default"] = Response("Any other refusal");

        OpenApiResponse Response(string description) => new()
        {
            Description = description,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                [ProblemResult.ContentType] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, document) },
            },
        };
    }
}
