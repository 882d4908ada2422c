using Microsoft.Net.Http.Headers;

namespace Shop.Gateway.Edge;

/// <summary>A page as a service sent it, and until when it may be shown without asking again.</summary>
internal sealed record EdgePage(byte[] Body, IReadOnlyDictionary<string, string> Headers, DateTimeOffset StoredAt, DateTimeOffset FreshUntil)
{
    private const int Overhead = 1024;

    // What else a service may say is about that one answer.
    private static readonly string[] Kept =
        [HeaderNames.ContentType, HeaderNames.ETag, HeaderNames.CacheControl, HeaderNames.Vary, HeaderNames.Link, "Shop-Consistency", "Shop-Instance"];

    // What a page may depend on. Whatever depends on anything else, such as a cookie, is somebody's own and not kept.
    private static readonly string[] MayVaryBy = [HeaderNames.Accept, HeaderNames.AcceptLanguage];

    public string? ETag => Headers.GetValueOrDefault(HeaderNames.ETag);

    public long Size => Body.Length + Overhead;

    /// <summary>Null unless the answer may be kept for everybody.</summary>
    public static async Task<EdgePage?> ReadAsync(HttpResponseMessage response, int maxBytes, DateTimeOffset askedAt, CancellationToken cancellationToken)
    {
        if (response.StatusCode is not System.Net.HttpStatusCode.OK
            || response.Headers.CacheControl is not { Public: true, NoStore: false, NoCache: false, Private: false, SharedMaxAge: { } fresh }
            || fresh <= TimeSpan.Zero
            || response.Headers.Contains(HeaderNames.SetCookie)
            || response.Headers.Vary.Any(name => !MayVaryBy.Contains(name, StringComparer.OrdinalIgnoreCase))
            || response.Content.Headers.ContentLength > maxBytes)
        {
            return null;
        }

        var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 << 10];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (body.Length + read > maxBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        var headers = Kept
            .Select(name => (Name: name, Value: response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null))
            .Where(header => header.Value is not null)
            .ToDictionary(header => header.Name, header => header.Value!);
        return new EdgePage(body.ToArray(), headers, askedAt, askedAt + fresh);
    }

    /// <summary>The same page, which the service has just said is still right.</summary>
    public EdgePage StillRight(HttpResponseMessage response, DateTimeOffset askedAt) => this with
    {
        StoredAt = askedAt,
        FreshUntil = askedAt + (response.Headers.CacheControl?.SharedMaxAge ?? FreshUntil - StoredAt),
    };
}
