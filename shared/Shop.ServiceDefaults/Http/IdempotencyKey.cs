using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Shop.ServiceDefaults;

/// <summary>The caller's name for one wish, from the header Idempotency-Key; raw and quoted spellings are the same key.</summary>
/// <remarks>Only the syntax is checked here; that a key has one effect is the work of the table that stores it.</remarks>
public readonly record struct IdempotencyKey(string Value) : IEndpointParameterMetadataProvider
{
    public const int MaxLength = 255;

    /// <summary>Reads a raw value or an sf-string (RFC 8941): 1 to 255 printable ASCII characters.</summary>
    public static bool TryParse(string? header, out IdempotencyKey key)
    {
        var value = header is ['"', ..] ? Unquote(header) : header;
        key = new IdempotencyKey(value ?? "");
        return value is { Length: >= 1 and <= MaxLength } && value.All(character => character is >= ' ' and <= '~');
    }

    public static ValueTask<IdempotencyKey> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var header = context.Request.Headers[ShopHeaders.IdempotencyKey];
        if (header.Count == 0 || (header.Count == 1 && string.IsNullOrEmpty(header[0])))
        {
            throw new ProblemException(ProblemCatalogue.IdempotencyKeyMissing);
        }

        // Two header lines are two keys: choosing one for the caller would be a guess.
        return header.Count == 1 && TryParse(header[0], out var key)
            ? ValueTask.FromResult(key)
            : throw new ProblemException(ProblemCatalogue.IdempotencyKeyInvalid);
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new DocumentedParameter(ShopHeaders.IdempotencyKey, InHeader: true, Required: true, "string",
            "The caller's name for this wish, 1 to 255 printable ASCII characters: the same key and body again give the same answer again."));

    private static string? Unquote(string header)
    {
        if (header.Length < 2 || header[^1] != '"')
        {
            return null;
        }

        var value = new System.Text.StringBuilder(header.Length);
        for (var i = 1; i < header.Length - 1; i++)
        {
            var character = header[i];
            if (character == '\\')
            {
                character = ++i < header.Length - 1 ? header[i] : '\0';
                if (character is not ('"' or '\\'))
                {
                    return null;
                }
            }
            else if (character == '"')
            {
                return null;
            }

            value.Append(character);
        }

        return value.ToString();
    }
}
