using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>What a proxy says of its client is believed where the proxy is named, and from nobody else.</summary>
public sealed class TrustedProxyTests
{
    private static readonly (string, string)[] Named = [("Proxy:TrustedProxies:0", "127.0.0.1"), ("Proxy:TrustedProxies:1", "::1")];

    [Fact]
    public async Task Logins_are_counted_for_the_last_address_that_the_proxy_names()
    {
        await using var host = await EmbeddedShopHost.StartAsync(
            settings: [("Limits:LoginAddress:Permits", "2"), ("Limits:LoginAddress:Window", "01:00:00"), .. Named]);
        for (var i = 0; i < 2; i++)
        {
            await LogInAsync($"198.51.100.{i}, 192.0.2.1").ExpectProblem(Unauthorized, "bad-credentials");
        }

        await LogInAsync("203.0.113.9, 192.0.2.1").ExpectProblem(TooManyRequests, "quota-exceeded");
        await LogInAsync("192.0.2.2").ExpectProblem(Unauthorized, "bad-credentials");

        Task<Reply> LogInAsync(string forwardedFor) => host.Anonymous().PostAsync(
            "/api/v1/session", new { name = $"nobody {Guid.NewGuid():N}", password = "a wrong guess" }, ("X-Forwarded-For", forwardedFor));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_cookie_is_for_https_only_when_a_named_proxy_speaks_https(bool isNamed)
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: isNamed ? Named : [("Proxy:TrustedProxies:0", "192.0.2.1")]);
        using var customer = await host.CustomerAsync();

        var login = await customer.PostAsync(
            "/api/v1/session", new { name = customer.Name, password = "correct horse" }, ("X-Forwarded-Proto", "https"), ("Forwarded", "proto=https")).Expect(Created);

        Assert.Equal(isNamed, login.Header("Set-Cookie")!.Contains("; secure", StringComparison.OrdinalIgnoreCase));
    }
}
