using Microsoft.Net.Http.Headers;

namespace Shop.Gateway.Edge;

/// <summary>What is asked for. Everything that a page may depend on is part of it, whether this one does or not.</summary>
/// <remarks>No cookie and no token is: the request that goes to the service does not have them, so the answer cannot depend on them.</remarks>
internal sealed record EdgeKey(string Path, string Query, string Accept, string Language)
{
    public const string ListPath = $"{GatewayExtensions.ApiPrefix}/products";

    // What is longer is not worth keeping, and comes from nobody who shops.
    private const int MaxLength = 512;

    public string Text { get; } = $"{Path}{Query}\n{Accept}\n{Language}";

    public static string ProductPath(string sku) => $"{ListPath}/{sku}";

    public static EdgeKey? Of(HttpRequest request)
    {
        var key = new EdgeKey(
            request.Path.ToUriComponent(),
            request.QueryString.ToUriComponent(),
            request.Headers[HeaderNames.Accept].ToString(),
            request.Headers[HeaderNames.AcceptLanguage].ToString());
        return key.Text.Length <= MaxLength ? key : null;
    }
}
