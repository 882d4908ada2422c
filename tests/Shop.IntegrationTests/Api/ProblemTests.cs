using System.Text;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>Every refusal is a problem, whoever refuses; <see cref="ApiRules"/> checks the form of each.</summary>
[Collection(SharedShop.Name)]
public sealed class ProblemTests(ShopFixture shop) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public static TheoryData<string, string> Writes => new()
    {
        { "POST", "/api/v1/customers" },
        { "POST", "/api/v1/session" },
        { "PUT", "/api/v1/cart/items/umbrella" },
        { "POST", "/api/v1/orders" },
        { "POST", "/api/v1/wallet/deposits" },
    };

    public static TheoryData<string, string, string> NotJson => Cross(
        "{", "nope", "{'name':'a'}", "// comment\n{}", "\u0000", "\u001f{}");

    public static TheoryData<string, string, string> WrongShape => Cross(
        "[1]", "\"text\"", "null", "7", "{} {}", "{\"name\":}", "{\"name\":\"a\",}", "{\"a\":1}}", "{\"surprise\":true}", "{\"name\":5,\"quantity\":\"5\",\"lines\":5,\"amount\":5}",
        "{\"name\":null,\"password\":null,\"quantity\":null,\"amount\":null,\"checkout\":7}", "{\"\\ud800\":1}", "{\"quantity\":1.5,\"lines\":[1.5]}");

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/api")]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v2/products")]
    [InlineData("/api/v1/products/umbrella/nothing")]
    [InlineData("/api/v1/products/no-such-product")]
    [InlineData("/api/v1/products/no-such-product/stock")]
    [InlineData("/api/v1/orders/abc")]
    [InlineData("/api/v1/orders/1")]
    [InlineData("/api/v1/orders/-1")]
    [InlineData("/api/v1/orders/99999999999999999999")]
    [InlineData("/api/v1/orders/1/nothing")]
    [InlineData("/api/v1/orders/1/events")]
    [InlineData("/api/v1/orders/1/history")]
    [InlineData("/problems/no-such-problem")]
    [InlineData("/docs/no-such-file.js")]
    [InlineData("/openapi/v2.json")]
    [InlineData("/health")]
    [InlineData("/favicon.ico")]
    public async Task What_does_not_exist_is_a_404_problem(string path) =>
        await _customer.GetAsync(path).ExpectProblem(NotFound, "not-found");

    [Theory]
    [InlineData("DELETE", "/api/v1/orders", "GET", "POST")]
    [InlineData("PUT", "/api/v1/orders/1", "GET")]
    [InlineData("GET", "/api/v1/orders/1/cancel", "POST")]
    [InlineData("GET", "/api/v1/customers", "POST")]
    [InlineData("PUT", "/api/v1/session", "DELETE", "GET", "POST")]
    [InlineData("POST", "/api/v1/sessions", "DELETE")]
    [InlineData("POST", "/api/v1/cart", "GET")]
    [InlineData("GET", "/api/v1/cart/items/umbrella", "DELETE", "PUT")]
    [InlineData("POST", "/api/v1/wallet", "GET")]
    [InlineData("GET", "/api/v1/wallet/deposits", "POST")]
    [InlineData("PATCH", "/api/v1/products/umbrella", "GET")]
    [InlineData("POST", "/api/v1/products/umbrella/stock", "GET")]
    [InlineData("OPTIONS", "/api/v1/orders", "GET", "POST")]
    [InlineData("OPTIONS", "/api/v1/session", "DELETE", "GET", "POST")]
    [InlineData("TRACE", "/api/v1/products", "GET")]
    [InlineData("INVENTED", "/api/v1/products", "GET")]
    public async Task A_wrong_method_is_a_405_problem_that_lists_the_right_ones(string method, string path, params string[] allowed)
    {
        var reply = await _customer.SendAsync(new HttpMethod(method), path).ExpectProblem(MethodNotAllowed, "method-not-allowed");
        Assert.Equal(allowed, reply.Header("Allow")!.Split(", ").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("/api/v1/nothing", 404)]
    [InlineData("/api/v1/customers", 405)]
    [InlineData("/api/v1/products", 405)]
    public async Task HEAD_is_refused_by_its_headers_alone(string path, int status)
    {
        var reply = await _customer.SendAsync(HttpMethod.Head, path);
        Assert.Equal(status, (int)reply.Status);
        Assert.Equal("application/problem+json", reply.Header("Content-Type"));
        Assert.Empty(reply.Text);
    }

    [Theory]
    [MemberData(nameof(NotJson))]
    public async Task A_body_that_is_not_JSON_is_a_400_problem(string method, string path, string body) =>
        await SendAsync(method, path, body).ExpectProblem(BadRequest, "malformed-json");

    [Theory]
    [MemberData(nameof(WrongShape))]
    public async Task A_body_of_the_wrong_shape_is_a_400_problem(string method, string path, string body)
    {
        var reply = await SendAsync(method, path, body).Expect(BadRequest);
        Assert.Contains(reply.Code, (string[])["validation-failed", "malformed-json"]);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_body_that_is_not_UTF_8_is_a_400_problem(string method, string path) =>
        await SendAsync(method, path, new ByteArrayContent([.. "{\"name\":\""u8, 0xC3, 0x28, .. "\"}"u8]), "application/json").Expect(BadRequest);

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task An_empty_body_is_a_400_problem(string method, string path)
    {
        var reply = await SendAsync(method, path, new ByteArrayContent([]), "application/json").Expect(BadRequest);
        Assert.Contains(reply.Code, (string[])["validation-failed", "malformed-json"]);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_body_that_is_nested_too_deeply_is_a_400_problem(string method, string path) =>
        await SendAsync(method, path, $"{{\"name\":{new string('[', 5000)}{new string(']', 5000)}}}").Expect(BadRequest);

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_member_that_comes_twice_is_a_400_problem(string method, string path) =>
        await SendAsync(method, path, "{\"name\":\"abc\",\"name\":\"abd\"}").Expect(BadRequest);

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task A_body_that_is_not_declared_as_JSON_is_a_415_problem(string method, string path)
    {
        foreach (var type in (string[])["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "text/json"])
        {
            await SendAsync(method, path, new ByteArrayContent("{}"u8.ToArray()), type).ExpectProblem(UnsupportedMediaType, "unsupported-media-type");
        }

        await SendAsync(method, path, new ByteArrayContent("{}"u8.ToArray()), null).ExpectProblem(UnsupportedMediaType, "unsupported-media-type");
    }

    [Theory]
    [InlineData("POST", "/api/v1/customers")]
    [InlineData("POST", "/api/v1/session")]
    [InlineData("PUT", "/api/v1/cart/items/umbrella")]
    [InlineData("DELETE", "/api/v1/cart/items/umbrella")]
    [InlineData("DELETE", "/api/v1/session")]
    [InlineData("DELETE", "/api/v1/sessions")]
    [InlineData("POST", "/api/v1/orders")]
    [InlineData("POST", "/api/v1/orders/1/cancel")]
    [InlineData("POST", "/api/v1/wallet/deposits")]
    public async Task A_body_over_64_KiB_is_a_413_problem(string method, string path)
    {
        var tooMuch = $"{{\"name\":\"{new string('x', 64 * 1024)}\"}}";
        await SendAsync(method, path, tooMuch).ExpectProblem(RequestEntityTooLarge, "body-too-large");
        await SendAsync(method, path, new string(' ', 1024 * 1024)).ExpectProblem(RequestEntityTooLarge, "body-too-large");
    }

    [Theory]
    [InlineData("POST", "/api/v1/customers")]
    [InlineData("POST", "/api/v1/session")]
    [InlineData("PUT", "/api/v1/cart/items/umbrella")]
    [InlineData("POST", "/api/v1/orders")]
    [InlineData("POST", "/api/v1/orders/1/cancel")]
    [InlineData("POST", "/api/v1/wallet/deposits")]
    [InlineData("DELETE", "/api/v1/cart/items/umbrella")] // nobody reads the body of these two
    [InlineData("DELETE", "/api/v1/session")]
    public async Task A_body_in_chunks_is_a_413_problem_once_they_are_too_many(string method, string path) =>
        await SendAsync(method, path, new PushedContent(Encoding.UTF8.GetBytes(new string(' ', 256 * 1024))), "application/json").ExpectProblem(RequestEntityTooLarge, "body-too-large");

    [Fact]
    public async Task A_client_that_still_sends_what_is_too_large_can_read_the_answer_and_go_on()
    {
        const int Length = 1024 * 1024;
        using var connection = await RawConnection.OpenAsync(shop.Host.Port);
        await connection.SendAsync(
            $"POST /api/v1/session HTTP/1.1\r\nHost: localhost:{shop.Host.Port}\r\nContent-Type: application/json\r\nContent-Length: {Length}\r\n\r\n");
        Assert.Equal("body-too-large", (await connection.ReadAsync())?.Code);

        await connection.SendAsync(new string(' ', Length));
        await connection.SendAsync($"GET /api/v1/products/umbrella HTTP/1.1\r\nHost: localhost:{shop.Host.Port}\r\n\r\n");
        Assert.Equal(200, (await connection.ReadAsync())?.Status);
    }

    [Fact]
    public async Task A_body_of_64_KiB_is_not_too_large()
    {
        const string Start = "{\"name\":\"";
        var body = $"{Start}{new string('x', (64 * 1024) - Start.Length - 2)}\"}}";
        await SendAsync("POST", "/api/v1/customers", body).ExpectProblem(BadRequest, "validation-failed");
    }

    [Fact]
    public async Task The_errors_of_an_invalid_body_name_its_members()
    {
        var unknown = await SendAsync("POST", "/api/v1/customers", """{"name":"abc","password":"12345678","isAdmin":true}""")
            .ExpectProblem(BadRequest, "validation-failed");
        Assert.NotNull(unknown.Body["errors"]!["isAdmin"]);

        var nested = await SendAsync("POST", "/api/v1/orders", """{"lines":[{"sku":"umbrella","quantity":1,"unitPrice":1}]}""")
            .ExpectProblem(BadRequest, "validation-failed");
        Assert.NotNull(nested.Body["errors"]!["lines[0].unitPrice"]);

        var capital = await SendAsync("POST", "/api/v1/customers", """{"Name":"abc","password":"12345678"}""").ExpectProblem(BadRequest, "validation-failed");
        Assert.NotEmpty(capital.Body["errors"]!.AsObject());
    }

    [Theory]
    [InlineData("/api/v1/session", "gateway")]
    [InlineData("/api/v1/products", "inventory")]
    [InlineData("/api/v1/products/umbrella", "inventory")]
    [InlineData("/api/v1/orders", "ordering")]
    [InlineData("/api/v1/orders/1", "ordering")]
    [InlineData("/api/v1/wallet", "payments")]
    [InlineData("/api/v1/nothing", "gateway")]
    [InlineData("/docs/index.html", "gateway")]
    [InlineData("/health/live", "gateway")]
    public async Task A_traceparent_is_continued_and_the_replica_that_answered_is_named(string path, string service)
    {
        var trace = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
        var reply = await _customer.GetAsync(path, ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));
        Assert.Equal(trace, reply.Header("Shop-Trace-Id"));
        Assert.StartsWith(service, reply.Header("Shop-Instance"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_traceparent_that_is_none_gives_a_trace_of_its_own()
    {
        var first = await _customer.GetAsync("/api/v1/products/nothing", ("traceparent", "00-zz-zz-01"));
        var second = await _customer.GetAsync("/api/v1/products/nothing", ("traceparent", $"00-{new string('0', 32)}-{new string('0', 16)}-01"));
        Assert.NotEqual(first.Header("Shop-Trace-Id"), second.Header("Shop-Trace-Id"));
        Assert.NotEqual(new string('0', 32), second.Header("Shop-Trace-Id"));
    }

    public static TheoryData<string> Slugs => [.. ProblemCatalogue.All.Select(problem => problem.Slug)];

    [Theory]
    [MemberData(nameof(Slugs))]
    public async Task The_type_of_every_problem_leads_to_its_page(string slug)
    {
        var page = await shop.Host.Anonymous().GetAsync($"/problems/{slug}").Expect(OK);
        Assert.Equal("text/html; charset=utf-8", page.Header("Content-Type"));
        Assert.Contains($"<code>{slug}</code>", page.Text, StringComparison.Ordinal);
    }

    private static TheoryData<string, string, string> Cross(params string[] bodies)
    {
        var data = new TheoryData<string, string, string>();
        foreach (var write in Writes)
        {
            foreach (var body in bodies)
            {
                data.Add((string)write[0], (string)write[1], body);
            }
        }

        return data;
    }

    private Task<Reply> SendAsync(string method, string path, string body) =>
        SendAsync(method, path, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), "application/json");

    private Task<Reply> SendAsync(string method, string path, HttpContent body, string? contentType)
    {
        if (contentType is not null)
        {
            body.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return _customer.SendAsync(new HttpMethod(method), path, body, ("Idempotency-Key", Guid.NewGuid().ToString()));
    }

    /// <summary>A body that says nothing of its length and so comes in chunks.</summary>
    private sealed class PushedContent(byte[] body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
