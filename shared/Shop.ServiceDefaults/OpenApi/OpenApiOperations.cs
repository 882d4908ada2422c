using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Shop.ServiceDefaults;

/// <summary>Adds to an operation what its endpoint's metadata say: bound headers, who may call it, refusals, headers of the answers.</summary>
internal static class OpenApiOperations
{
    private const string ProblemSchema = "Problem";
    private const string Token = "token";
    private const string Cookie = "cookie";

    private const string RetryAfter = "In how many seconds to come back.";

    private static readonly DocumentedHeader[] OfRefusals =
    [
        new(ProblemCatalogue.QuotaExceeded.Status, "Retry-After", RetryAfter),
        new(ProblemCatalogue.QuotaExceeded.Status, "RateLimit-Policy", "The quotas: so many requests (q) in so many seconds (w)."),
        new(ProblemCatalogue.QuotaExceeded.Status, "RateLimit", "What is left of them (r)."),
        new(ProblemCatalogue.Overloaded.Status, "Retry-After", RetryAfter),
    ];

    public static async Task DescribeAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var document = context.Document!;
        DescribeParameters(operation, metadata.OfType<DocumentedParameter>());

        var problems = metadata.OfType<Refusals>().SelectMany(refusals => refusals.Problems).ToHashSet();
        if (problems.Contains(ProblemCatalogue.Unauthorized))
        {
            Authenticate(operation, document);
        }

        if (document.Components?.Schemas?.ContainsKey(ProblemSchema) is not true)
        {
            document.AddComponent(ProblemSchema, await context.GetOrCreateSchemaAsync(typeof(ProblemBody), null, cancellationToken));
        }

        problems.UnionWith(Everywhere(operation, context.Description.HttpMethod));
        operation.Responses ??= [];
        foreach (var refusals in problems.GroupBy(problem => problem.Status))
        {
            operation.Responses[Key(refusals.Key)] = Problem(document, string.Join(", ", refusals.Select(problem => problem.Slug).Order(StringComparer.Ordinal)));
        }

        operation.Responses["default"] = Problem(document, "Any other refusal");
        DescribeHeaders(operation.Responses, metadata.OfType<DocumentedHeader>());
        Sort(operation.Responses);
    }

    // What the edge or the pipeline refuses, whichever endpoint was meant.
    private static IEnumerable<ProblemType> Everywhere(OpenApiOperation operation, string? method)
    {
        yield return ProblemCatalogue.QuotaExceeded;
        yield return ProblemCatalogue.Overloaded;
        yield return ProblemCatalogue.DependencyUnavailable;
        if (operation.RequestBody is not null)
        {
            yield return ProblemCatalogue.MalformedJson;
            yield return ProblemCatalogue.ValidationFailed;
            yield return ProblemCatalogue.BodyTooLarge;
            yield return ProblemCatalogue.UnsupportedMediaType;
        }

        if (operation.Security is not null && method is not "GET")
        {
            yield return ProblemCatalogue.CrossSite;
        }
    }

    private static void DescribeParameters(OpenApiOperation operation, IEnumerable<DocumentedParameter> documented)
    {
        operation.Parameters ??= [];

        // Ids are 64 bits wide: as numbers they would be rounded in many languages, so they are strings here as they are in JSON.
        foreach (var id in operation.Parameters.OfType<OpenApiParameter>().Where(p => p is { In: ParameterLocation.Path, Schema.Format: "int64" }))
        {
            id.Schema = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[0-9]+$" };
        }

        foreach (var parameter in documented)
        {
            if (operation.Parameters.FirstOrDefault(known => known.Name == parameter.Name) is { } known)
            {
                operation.Parameters.Remove(known);
            }

            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.InHeader ? ParameterLocation.Header : ParameterLocation.Query,
                Required = parameter.Required,
                Description = parameter.Description,
                Schema = new OpenApiSchema
                {
                    Type = parameter.Type == "integer" ? JsonSchemaType.Integer : JsonSchemaType.String,
                    Enum = parameter.Values is { } values ? [.. values.Select(value => JsonValue.Create(value))] : null,
                    Minimum = parameter.Minimum?.ToString(CultureInfo.InvariantCulture),
                    Maximum = parameter.Maximum?.ToString(CultureInfo.InvariantCulture),
                    Default = parameter.Default is { } value ? JsonNode.Parse(value) : null,
                },
            });
        }
    }

    private static void Authenticate(OpenApiOperation operation, OpenApiDocument document)
    {
        document.AddComponent<IOpenApiSecurityScheme>(
            Token, new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The token of POST /session." });
        document.AddComponent<IOpenApiSecurityScheme>(
            Cookie, new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = "shop.sid", Description = "The cookie of POST /session." });
        operation.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(Token, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(Cookie, document)] = [] },
        ];
    }

    private static void DescribeHeaders(OpenApiResponses responses, IEnumerable<DocumentedHeader> documented)
    {
        foreach (var header in documented.Concat(OfRefusals))
        {
            if (responses.GetValueOrDefault(Key(header.Status)) is OpenApiResponse response)
            {
                response.Headers ??= new Dictionary<string, IOpenApiHeader>();
                response.Headers[header.Name] = new OpenApiHeader
                {
                    Description = header.Description,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                };
            }
        }
    }

    private static OpenApiResponse Problem(OpenApiDocument document, string description) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [ProblemResult.ContentType] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, document) },
        },
    };

    private static void Sort(OpenApiResponses responses)
    {
        var sorted = responses.OrderBy(response => response.Key, StringComparer.Ordinal).ToList(); // digits before "default"
        responses.Clear();
        foreach (var (status, response) in sorted)
        {
            responses.Add(status, response);
        }
    }

    private static string Key(int status) => status.ToString(CultureInfo.InvariantCulture);
}
