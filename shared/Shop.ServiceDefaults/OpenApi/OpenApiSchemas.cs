using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Shop.ServiceDefaults;

/// <summary>Corrects what the framework reads from the types where the JSON is different.</summary>
internal static class OpenApiSchemas
{
    /// <summary>A member that is left out when it is null is neither required nor ever null; an enum is a string.</summary>
    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var optional = context.JsonTypeInfo.Properties
            .Where(property => property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true)
                is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.WhenWritingNull }])
            .Select(property => property.Name);
        foreach (var name in optional)
        {
            schema.Required?.Remove(name);
            if (schema.Properties?[name] is OpenApiSchema { Type: { } type } member)
            {
                member.Type = type & ~JsonSchemaType.Null;
            }
        }

        if (schema is { Enum.Count: > 0, Type: null })
        {
            schema.Type = JsonSchemaType.String;
        }

        return Task.CompletedTask;
    }
}
