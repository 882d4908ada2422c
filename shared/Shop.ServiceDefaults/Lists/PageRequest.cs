using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Shop.ServiceDefaults;

/// <summary>Which part of a list is wanted: <c>?limit</c> (1 to 100, default 20) and <c>?cursor</c>.</summary>
/// <remarks>Pages are no snapshot: what is added or removed between two requests may appear or be missing.</remarks>
public sealed record PageRequest(int Limit, string? RawCursor) : IBindableFromHttpContext<PageRequest>, IEndpointParameterMetadataProvider
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;
    public const int MaxCursorLength = 512;

    /// <summary>One more than asked for: whether it comes back tells whether there is a next page.</summary>
    public int Take => Limit + 1;

    /// <summary>The number that the last page ended with, or null for the first page; a cursor that is none is a 400.</summary>
    public long? AfterNumber() =>
        RawCursor is null ? null : Cursor.TryRead(RawCursor, out long key) ? key : throw BadCursor();

    /// <summary>The text that the last page ended with, or null for the first page; a cursor that is none is a 400.</summary>
    public string? AfterText() =>
        RawCursor is null ? null : Cursor.TryRead(RawCursor, out string key) ? key : throw BadCursor();

    public static ValueTask<PageRequest?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var query = context.Request.Query;
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var limits)
            && !(int.TryParse(limits, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            throw ProblemException.Invalid("limit", $"A number from 1 to {MaxLimit}.");
        }

        string? cursor = query.TryGetValue("cursor", out var cursors) ? cursors.ToString() : null;
        return cursor is not { Length: 0 or > MaxCursorLength } ? ValueTask.FromResult<PageRequest?>(new(limit, cursor)) : throw BadCursor();
    }

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        builder.Metadata.Add(new DocumentedParameter("limit", InHeader: false, Required: false, "integer", "How many items at most.")
        {
            Minimum = 1,
            Maximum = MaxLimit,
            Default = DefaultLimit.ToString(CultureInfo.InvariantCulture),
        });
        builder.Metadata.Add(new DocumentedParameter("cursor", InHeader: false, Required: false, "string", "The 'next' of the page before."));
    }

    private static ProblemException BadCursor() => ProblemException.Invalid("cursor", "Not a cursor of this list.");
}
