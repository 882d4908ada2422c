using System.Globalization;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

[Collection(SharedShop.Name)]
public sealed class SessionTests(ShopFixture shop)
{
    private readonly ShopClient _browser = shop.Host.Anonymous();

    [Fact]
    public async Task A_login_gives_a_token_and_a_cookie_that_no_script_can_read()
    {
        var (name, reply) = await NewSessionAsync();
        Assert.Equal(["customerId", "name", "token", "expiresAt"], reply.Body.AsObject().Select(member => member.Key));
        Assert.Equal(name, reply.Body["name"]!.GetValue<string>());
        Assert.Equal(TimeSpan.Zero, Time(reply.Body["expiresAt"]!.GetValue<string>()).Offset);

        var cookie = Assert.Single(reply.Header("Set-Cookie")!.Split(", shop.sid="));
        var parts = cookie.Split("; ");
        Assert.Equal($"shop.sid={reply.Body["token"]}", parts[0]);
        Assert.Contains("httponly", parts, StringComparer.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", parts, StringComparer.OrdinalIgnoreCase);
        Assert.Contains("path=/", parts, StringComparer.OrdinalIgnoreCase);
        Assert.DoesNotContain(parts, part => part.StartsWith("domain", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("secure", parts, StringComparer.OrdinalIgnoreCase); // this connection is plain HTTP
        Assert.Contains("no-store", reply.Header("Cache-Control"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_works_as_a_bearer_token_and_as_a_cookie()
    {
        var (name, login) = await NewSessionAsync();
        foreach (var credentials in Both(Token(login)))
        {
            var session = (await _browser.GetAsync("/api/v1/session", credentials).Expect(OK)).Body;
            Assert.Equal(name, session["name"]!.GetValue<string>());
            Assert.Equal(login.Body["customerId"]!.GetValue<string>(), session["customerId"]!.GetValue<string>());
            Assert.NotNull(session["expiresAt"]);
            Assert.Null(session["token"]);
        }
    }

    [Fact]
    public async Task Each_login_makes_a_new_session_and_ends_the_one_that_the_cookie_named()
    {
        var (name, first) = await NewSessionAsync();
        var second = await LogInAsync(name);
        Assert.NotEqual(Token(first), Token(second));
        await _browser.GetAsync("/api/v1/session", Cookie(first)).Expect(OK);

        var third = await LogInAsync(name, cookie: Token(first));
        Assert.NotEqual(Token(first), Token(third));
        await _browser.GetAsync("/api/v1/session", Cookie(first)).ExpectProblem(Unauthorized, "unauthorized");
        await _browser.GetAsync("/api/v1/session", Cookie(second)).Expect(OK);
        await _browser.GetAsync("/api/v1/session", Cookie(third)).Expect(OK);
    }

    [Fact]
    public async Task A_session_id_that_the_client_made_up_is_never_adopted()
    {
        var (name, _) = await NewSessionAsync();
        var chosen = Token((await NewSessionAsync()).Reply);
        chosen = (chosen[0] is 'A' ? 'B' : 'A') + chosen[1..];

        await _browser.GetAsync("/api/v1/session", ("Cookie", $"shop.sid={chosen}")).ExpectProblem(Unauthorized, "unauthorized");
        Assert.NotEqual(chosen, Token(await LogInAsync(name, cookie: chosen)));
        await _browser.GetAsync("/api/v1/session", ("Cookie", $"shop.sid={chosen}")).ExpectProblem(Unauthorized, "unauthorized");
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("../../etc/passwd")]
    [InlineData("%00%0d%0a")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.")]
    public async Task A_forged_cookie_or_token_is_a_401(string forged)
    {
        foreach (var path in (string[])["/api/v1/session", "/api/v1/cart", "/api/v1/orders", "/api/v1/wallet", "/api/v1/orders/1/events"])
        {
            foreach (var credentials in Both(forged))
            {
                await _browser.GetAsync(path, credentials).ExpectProblem(Unauthorized, "unauthorized");
            }
        }
    }

    [Fact]
    public async Task A_tampered_cookie_is_a_401()
    {
        var token = Token((await NewSessionAsync()).Reply);
        string[] tampered = [token[..^1], token + "A", token[1..], token + token, token.ToUpperInvariant(), token.Replace(token[5], token[5] is 'A' ? 'B' : 'A'), new('A', 8000)];
        foreach (var value in tampered)
        {
            await _browser.GetAsync("/api/v1/session", ("Cookie", $"shop.sid={value}")).ExpectProblem(Unauthorized, "unauthorized");
        }

        await _browser.GetAsync("/api/v1/session", ("Cookie", $"shop.sid={token}")).Expect(OK);
    }

    [Fact]
    public async Task A_wrong_bearer_token_is_not_made_good_by_a_right_cookie()
    {
        var (_, login) = await NewSessionAsync();
        await _browser.GetAsync("/api/v1/session", ("Authorization", "Bearer nonsense"), Cookie(login)).ExpectProblem(Unauthorized, "unauthorized");
        await _browser.GetAsync("/api/v1/session", ("Authorization", $"Basic {Token(login)}")).ExpectProblem(Unauthorized, "unauthorized");
        await _browser.GetAsync("/api/v1/session", ("Authorization", "Basic nonsense"), Cookie(login)).ExpectProblem(Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_logout_ends_this_session_and_clears_the_cookie()
    {
        var (name, first) = await NewSessionAsync();
        var second = await LogInAsync(name);

        var logout = await _browser.SendAsync(HttpMethod.Delete, "/api/v1/session", null, Cookie(first)).Expect(NoContent);
        Assert.StartsWith("shop.sid=;", logout.Header("Set-Cookie"), StringComparison.Ordinal);
        Assert.Contains("expires=Thu, 01 Jan 1970", logout.Header("Set-Cookie"), StringComparison.OrdinalIgnoreCase);

        foreach (var credentials in Both(Token(first)))
        {
            await _browser.GetAsync("/api/v1/session", credentials).ExpectProblem(Unauthorized, "unauthorized");
            await _browser.GetAsync("/api/v1/orders", credentials).ExpectProblem(Unauthorized, "unauthorized");
        }

        await _browser.SendAsync(HttpMethod.Delete, "/api/v1/session", null, Cookie(first)).ExpectProblem(Unauthorized, "unauthorized");
        await _browser.GetAsync("/api/v1/session", Cookie(second)).Expect(OK);
    }

    [Fact]
    public async Task Logging_out_everywhere_ends_all_sessions_of_this_customer_and_of_no_other()
    {
        var (name, first) = await NewSessionAsync();
        var second = await LogInAsync(name);
        var (_, other) = await NewSessionAsync();

        await _browser.SendAsync(HttpMethod.Delete, "/api/v1/sessions", null, Cookie(second)).Expect(NoContent);

        await _browser.GetAsync("/api/v1/session", Cookie(first)).ExpectProblem(Unauthorized, "unauthorized");
        await _browser.GetAsync("/api/v1/session", Cookie(second)).ExpectProblem(Unauthorized, "unauthorized");
        await _browser.GetAsync("/api/v1/session", Cookie(other)).Expect(OK);
        await LogInAsync(name);
    }

    [Fact]
    public async Task An_unknown_name_and_a_wrong_password_are_answered_alike()
    {
        var (name, _) = await NewSessionAsync();
        var wrong = await TryLogInAsync(name, "wrong password").ExpectProblem(Unauthorized, "bad-credentials");
        var unknown = await TryLogInAsync($"nobody-{Guid.NewGuid():N}", "wrong password").ExpectProblem(Unauthorized, "bad-credentials");
        Assert.Equal(WithoutTrace(wrong), WithoutTrace(unknown));
        Assert.Null(wrong.Header("Set-Cookie"));

        static string WithoutTrace(Reply reply)
        {
            var body = reply.Body;
            body.AsObject().Remove("traceId");
            return body.ToJsonString();
        }
    }

    [Theory]
    [InlineData("a\u0000b", "correct horse")]
    [InlineData("", "")]
    [InlineData("' OR 1=1 --", "' OR 1=1 --")]
    [InlineData("name", "\u0000")]
    public async Task Strange_credentials_are_bad_credentials(string name, string password) =>
        await TryLogInAsync(name, password).ExpectProblem(Unauthorized, "bad-credentials");

    [Fact]
    public async Task The_cookie_is_found_among_others()
    {
        var (_, login) = await NewSessionAsync();
        await _browser.GetAsync("/api/v1/session", ("Cookie", $"a=b; shop.sid={Token(login)}; theme=dark")).Expect(OK);
        await _browser.GetAsync("/api/v1/session", ("Cookie", $"SHOP.SID={Token(login)}x; sid={Token(login)}")).ExpectProblem(Unauthorized, "unauthorized");
    }

    [Theory]
    [InlineData("GET", "/api/v1/session")]
    [InlineData("DELETE", "/api/v1/session")]
    [InlineData("DELETE", "/api/v1/sessions")]
    [InlineData("GET", "/api/v1/cart")]
    [InlineData("GET", "/api/v1/orders")]
    [InlineData("POST", "/api/v1/orders/1/cancel")]
    [InlineData("GET", "/api/v1/wallet")]
    [InlineData("GET", "/api/v1/wallet/entries")]
    public async Task Without_a_session_there_is_only_a_401(string method, string path) =>
        await _browser.SendAsync(new HttpMethod(method), path).ExpectProblem(Unauthorized, "unauthorized");

    private static string Token(Reply login) => login.Body["token"]!.GetValue<string>();

    private static (string, string) Cookie(Reply login) => ("Cookie", $"shop.sid={Token(login)}");

    private static (string Name, string Value)[] Both(string token) => [("Cookie", $"shop.sid={token}"), ("Authorization", $"Bearer {token}")];

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private async Task<(string Name, Reply Reply)> NewSessionAsync()
    {
        var name = $"c-{Guid.NewGuid():N}";
        await _browser.PostAsync("/api/v1/customers", new { name, password = "correct horse" }).Expect(Created);
        return (name, await LogInAsync(name));
    }

    private Task<Reply> LogInAsync(string name, string? cookie = null) =>
        TryLogInAsync(name, "correct horse", cookie is null ? [] : [("Cookie", $"shop.sid={cookie}")]).Expect(Created);

    private Task<Reply> TryLogInAsync(string name, string password, params (string, string)[] headers) =>
        _browser.PostAsync("/api/v1/session", new { name, password }, headers);
}
