using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace Shop.ServiceDefaults;

/// <summary>Entity tags: how they are made from versions, and compared.</summary>
/// <remarks>A tag says that a representation is the same, not that it is the newest one anywhere.</remarks>
public static class ETags
{
    public static string FromVersion(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>If-None-Match: weak comparison, a list, or <c>*</c>. A header that cannot be read matches nothing.</summary>
    public static bool NoneMatchHits(IList<string?> ifNoneMatch, string etag) => Hits(ifNoneMatch, etag, useStrongComparison: false);

    /// <summary>If-Match: strong comparison, a list, or <c>*</c>. A header that cannot be read matches nothing.</summary>
    public static bool MatchHits(IList<string?> ifMatch, string etag) => Hits(ifMatch, etag, useStrongComparison: true);

    private static bool Hits(IList<string?> header, string etag, bool useStrongComparison)
    {
        var current = EntityTagHeaderValue.Parse(etag);
        return EntityTagHeaderValue.TryParseStrictList([.. header.Select(line => line ?? "")], out var listed)
            && listed.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison));
    }
}
