using Microsoft.AspNetCore.Http;
using Shop.Gateway.Sessions;

namespace Shop.UnitTests.Gateway;

public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("same-origin", null, true)]
    [InlineData("none", null, true)]
    [InlineData("same-site", null, false)]
    [InlineData("cross-site", null, false)]
    [InlineData("cross-site", "http://shop.test", false)] // the stricter header wins
    [InlineData(null, "http://shop.test", true)]
    [InlineData(null, "https://SHOP.test", true)] // TLS may have ended in front of us
    [InlineData(null, "http://shop.test.evil", false)]
    [InlineData(null, "http://shop.test:8080", false)]
    [InlineData(null, "null", false)]
    [InlineData(null, null, true)] // no browser
    public void A_browser_must_say_that_it_comes_from_the_shops_own_pages(string? fetchSite, string? origin, bool own)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new HostString("shop.test");
        if (fetchSite is not null)
        {
            request.Headers["Sec-Fetch-Site"] = fetchSite;
        }

        if (origin is not null)
        {
            request.Headers.Origin = origin;
        }

        Assert.Equal(own, CrossSiteMiddleware.IsOwnSite(request));
    }
}
