using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>What another site can make a browser send with the shop's cookie changes nothing.</summary>
[Collection(SharedShop.Name)]
public sealed class CrossSiteTests(ShopFixture shop) : IAsyncLifetime
{
    private readonly ShopClient _browser = shop.Host.Anonymous();
    private (string, string) _cookie;
    private (string, string) _bearer;

    public static TheoryData<string, string> Foreign => new()
    {
        { "Sec-Fetch-Site", "cross-site" },
        { "Sec-Fetch-Site", "same-site" },
        { "Sec-Fetch-Site", "" },
        { "Origin", "https://evil.example" },
        { "Origin", "null" },
        { "Origin", "http://localhost.evil.example" },
        { "Origin", "http://localhost" },
        { "Origin", "http://localhost:1" },
    };

    public async Task InitializeAsync()
    {
        using var customer = await shop.Host.CustomerAsync();
        _cookie = ("Cookie", $"shop.sid={customer.Token}");
        _bearer = ("Authorization", $"Bearer {customer.Token}");
    }

    public Task DisposeAsync()
    {
        _browser.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_change_with_the_cookie_from_elsewhere_is_refused(string header, string value)
    {
        foreach (var (method, path, body) in Changes())
        {
            await SendAsync(method, path, body, _cookie, (header, value)).ExpectProblem(Forbidden, "cross-site");
        }

        Assert.Empty((await _browser.GetAsync("/api/v1/cart", _cookie).Expect(OK)).Body["items"]!.AsArray());
        Assert.Empty((await _browser.GetAsync("/api/v1/orders", _cookie).Expect(OK)).Body["items"]!.AsArray());
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task The_same_change_with_the_token_is_made(string header, string value) =>
        await SendAsync("PUT", "/api/v1/cart/items/umbrella", "{\"quantity\":1}", _bearer, (header, value)).Expect(OK);

    [Fact]
    public async Task Reading_from_elsewhere_is_allowed_and_no_other_site_is_let_in_to_see_it()
    {
        var reply = await _browser.GetAsync("/api/v1/cart", _cookie, ("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")).Expect(OK);
        Assert.DoesNotContain(reply.Headers.Keys, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_preflight_of_another_site_is_not_granted()
    {
        var reply = await _browser.SendAsync(
            HttpMethod.Options, "/api/v1/orders", null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));
        Assert.DoesNotContain(reply.Headers.Keys, name => name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_shops_own_pages_and_programs_that_say_nothing_may_change()
    {
        await PutAsync(("Sec-Fetch-Site", "same-origin"));
        await PutAsync(("Sec-Fetch-Site", "none"));
        await PutAsync(("Origin", shop.Host.Address));
        await PutAsync();

        Task<Reply> PutAsync(params (string, string)[] headers) =>
            SendAsync("PUT", "/api/v1/cart/items/umbrella", "{\"quantity\":1}", [_cookie, .. headers]).Expect(OK);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("text/plain; application/json")]
    public async Task What_a_form_can_send_is_refused(string contentType)
    {
        foreach (var (method, path, body) in Changes().Where(change => change.Body is not null))
        {
            await SendAsAsync(contentType, method, path, body!, _cookie).ExpectProblem(UnsupportedMediaType, "unsupported-media-type");
        }

        // Also where no body is expected at all.
        await SendAsAsync(contentType, "POST", "/api/v1/orders/1/cancel", "x=y", _cookie).ExpectProblem(UnsupportedMediaType, "unsupported-media-type");
    }

    [Fact]
    public async Task Without_the_cookie_there_is_nothing_to_protect()
    {
        await SendAsync("POST", "/api/v1/orders", "{}", ("Sec-Fetch-Site", "cross-site")).ExpectProblem(Unauthorized, "unauthorized");
        await SendAsync("PUT", "/api/v1/cart/items/umbrella", "{\"quantity\":1}", ("Sec-Fetch-Site", "cross-site"), ("Cookie", "shop.sid=forged"))
            .ExpectProblem(Unauthorized, "unauthorized");
    }

    private static (string Method, string Path, string? Body)[] Changes() =>
    [
        ("PUT", "/api/v1/cart/items/umbrella", "{\"quantity\":1}"),
        ("DELETE", "/api/v1/cart/items/umbrella", null),
        ("POST", "/api/v1/orders", """{"lines":[{"sku":"umbrella","quantity":1}]}"""),
        ("POST", "/api/v1/orders/1/cancel", null),
        ("POST", "/api/v1/wallet/deposits", """{"amount":{"amount":1,"currency":"EUR"}}"""),
        ("POST", "/api/v1/session", """{"name":"abc","password":"12345678"}"""),
        ("POST", "/api/v1/customers", """{"name":"abc","password":"12345678"}"""),
        ("DELETE", "/api/v1/session", null),
        ("DELETE", "/api/v1/sessions", null),
    ];

    private Task<Reply> SendAsync(string method, string path, string? body, params (string, string)[] headers) =>
        _browser.SendAsync(new HttpMethod(method), path, body, [("Idempotency-Key", Guid.NewGuid().ToString()), .. headers]);

    private Task<Reply> SendAsAsync(string contentType, string method, string path, string body, params (string, string)[] headers)
    {
        var content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return _browser.SendAsync(new HttpMethod(method), path, content, [("Idempotency-Key", Guid.NewGuid().ToString()), .. headers]);
    }
}
