using System.Globalization;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

public sealed class SessionLifetimeTests
{
    [Fact]
    public async Task A_session_that_is_over_is_a_401_and_takes_its_cart_with_it()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Sessions:IdleTimeout", "00:00:00.100"), ("Sessions:AbsoluteTimeout", "00:00:00.200")]);
        using var client = host.Anonymous();
        await client.PostAsync("/api/v1/customers", new { name = "abc", password = "12345678" }).Expect(Created);
        var login = await client.PostAsync("/api/v1/session", new { name = "abc", password = "12345678" }).Expect(Created);
        var cookie = ("Cookie", $"shop.sid={login.Body["token"]}");

        // However often it is used: the absolute end comes.
        var reply = await client.GetAsync("/api/v1/session", cookie);
        for (var i = 0; i < 200 && reply.Status is OK; i++)
        {
            await Task.Delay(20);
            reply = await client.GetAsync("/api/v1/session", cookie);
        }

        Assert.Equal("unauthorized", reply.Code);
        await client.GetAsync("/api/v1/cart", cookie).ExpectProblem(Unauthorized, "unauthorized");
        await client.GetAsync("/api/v1/orders", cookie).ExpectProblem(Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task The_end_of_a_session_moves_while_it_is_used()
    {
        await using var host = await EmbeddedShopHost.StartAsync(settings: [("Sessions:IdleTimeout", "00:00:30")]);
        using var client = await host.CustomerAsync();
        var first = await EndAsync();

        await Eventually.TrueAsync(async () => await EndAsync() > first);

        async Task<DateTimeOffset> EndAsync() => DateTimeOffset.Parse(
            (await client.GetAsync("/api/v1/session").Expect(OK)).Body["expiresAt"]!.GetValue<string>(), CultureInfo.InvariantCulture);
    }
}
