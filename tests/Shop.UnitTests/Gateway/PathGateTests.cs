using Shop.Gateway.Proxy;

namespace Shop.UnitTests.Gateway;

public sealed class PathGateTests
{
    [Theory]
    [InlineData("/api/v1/products/%2e%2e/internal")]
    [InlineData("/api/v1/products/..%2Finternal")]
    [InlineData("/api/v1/products/../../../internal")]
    [InlineData("/api/v1/products/..")]
    [InlineData("/api/v1//products")]
    [InlineData("/api/v1/products;x=1")]
    [InlineData("/api/v1/products\\internal")]
    [InlineData("/api/v1/products%5Cinternal")]
    [InlineData("/api/v1/products/%252e%252e")]
    [InlineData("http://shop//internal/customers")]
    [InlineData("http://shop/api/%2e%2e/internal/customers")]
    [InlineData("HTTPS://shop/api/v1/products;x=1")]
    [InlineData("gopher://shop/api/v1/products")]
    public void A_path_that_two_parsers_may_read_in_two_ways_is_not_served(string target) => Assert.True(PathGate.IsAmbiguous(target));

    [Theory]
    [InlineData("/api/v1/products/earl-grey?q=a%2Fb;c//d")]
    [InlineData("/")]
    [InlineData("http://shop/api/v1/products?q=a%2Fb")]
    [InlineData("https://shop:8443/")]
    [InlineData("http://shop")]
    public void An_ordinary_path_is_and_its_query_is_not_judged(string target) => Assert.False(PathGate.IsAmbiguous(target));

    [Fact]
    public void Every_public_route_is_under_the_public_prefix() =>
        Assert.All(PublicRoutes.All, route => Assert.StartsWith("/api/v1/", route.Path, StringComparison.Ordinal));
}
