using System.Text.RegularExpressions;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Api;

internal static partial class Links
{
    /// <summary>The address of the next page from the Link header (RFC 8288), or null on the last page.</summary>
    public static string? Next(Reply page)
    {
        if (page.Header("Link") is not { } link)
        {
            return null;
        }

        var match = Form().Match(link);
        Assert.True(match.Success, link);
        return match.Groups["address"].Value;
    }

    [GeneratedRegex("^<(?<address>[^>]+)>; rel=\"next\"$")]
    private static partial Regex Form();
}
