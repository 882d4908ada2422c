using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

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

    public static ValueTask<OperatorName> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(Read(context.Request.Headers[ShopHeaders.Operator], orElse: null));

    private static OperatorName Read(StringValues header, OperatorName? orElse) => header switch
    {
        [] when orElse is { } name => name,
        [var text] when TryParse(text, out var name) => name,
        _ => throw ProblemException.Invalid(ShopHeaders.Operator, $"Your name: 1 to {MaxLength} letters, digits and . _ @ -"),
    };

    /// <summary>For acts that may be anonymous: the name, or <c>unnamed</c> where none is sent.</summary>
    /// <exception cref="ProblemException">There is a header, and it holds no name.</exception>
    public static OperatorName OrUnnamed(HttpRequest request) => Read(request.Headers[ShopHeaders.Operator], orElse: new OperatorName("unnamed"));

    public override string ToString() => Value;
}
