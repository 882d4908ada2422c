using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults;

/// <summary>Who uses the operator key, from the header Shop-Operator: 1 to 64 letters, digits and <c>. _ @ -</c>, in lower case.</summary>
/// <remarks>The key proves that it is an operator; the name is what they say. Two names keep honest people from approving their own proposals by
/// mistake, and are no proof that there are two people.</remarks>
public readonly record struct OperatorName(string Value)
{
    public const int MaxLength = 64;

    public static bool TryParse(string? header, out OperatorName name)
    {
        var value = header?.Trim() ?? "";
        name = new OperatorName(value.ToLowerInvariant());
        return value is { Length: >= 1 and <= MaxLength } && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '@' or '-');
    }

    public static ValueTask<OperatorName> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var header = context.Request.Headers[ShopHeaders.Operator];
        return header.Count == 1 && TryParse(header[0], out var name)
            ? ValueTask.FromResult(name)
            : throw ProblemException.Invalid(ShopHeaders.Operator, $"Your name: 1 to {MaxLength} letters, digits and . _ @ -");
    }

    public override string ToString() => Value;
}
