using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Stock;

/// <summary>How fresh a caller wants the answer: <c>?consistency=strong|monotonic|session|eventual|weak</c>.</summary>
/// <remarks>With one copy of the data every level is strong, and the header of the answer says what was asked.</remarks>
internal sealed record ConsistencyLevel(string Name) : IBindableFromHttpContext<ConsistencyLevel>, IEndpointParameterMetadataProvider
{
    public const string Header = "Shop-Consistency";

    private const string Parameter = "consistency";
    private const string Strong = "strong";

    private static readonly string[] Known = [Strong, "monotonic", "session", "eventual", "weak"];

    public static ValueTask<ConsistencyLevel?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        string asked = context.Request.Query.TryGetValue(Parameter, out var values) ? values.ToString() : Strong;
        return Known.Contains(asked)
            ? ValueTask.FromResult<ConsistencyLevel?>(new(asked))
            : throw ProblemException.Invalid(Parameter, $"One of {string.Join(", ", Known)}.");
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new DocumentedParameter(Parameter, InHeader: false, Required: false, "string",
            "How fresh the answer must be.")
        {
            Values = Known,
            Default = $"\"{Strong}\"",
        });
}
