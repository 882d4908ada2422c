using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Sessions;
using Shop.Gateway.Proxy;
using Shop.Gateway.Sessions;
using Shop.ServiceDefaults;
using Yarp.ReverseProxy.Health;

namespace Shop.UnitTests.Gateway;

public sealed class GatewayTests(RunningGateway gateway) : IClassFixture<RunningGateway>
{
    [Fact]
    public async Task No_header_that_a_client_made_up_reaches_a_service()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/orders/1");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await gateway.LogInAsync());
        string[] forged =
        [
            "shop-identity", "Shop-Fingerprint", "Shop-Service-Key", "Shop-Operator-Key", "Shop_Identity", "X-User-Id", "X_User_Id",
            "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Prefix", "Forwarded", "Cookie", "X-Anything",
        ];
        foreach (var name in forged)
        {
            request.Headers.TryAddWithoutValidation(name, "forged");
        }

        request.Headers.TryAddWithoutValidation("Connection", "Shop-Identity, X-User-Id");

        var seen = await ReadAsync<Dictionary<string, string>>(request);

        Assert.DoesNotContain("forged", string.Join('\n', seen.Values), StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", seen.Keys);
        Assert.Equal(3, seen[ShopHeaders.Identity].Split('.').Length);
    }

    [Fact]
    public async Task Without_a_session_no_identity_is_forwarded()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/products/tea");

        Assert.DoesNotContain(ShopHeaders.Identity, (await ReadAsync<Dictionary<string, string>>(request)).Keys);
    }

    [Fact]
    public async Task A_proxied_answer_names_the_replica_that_made_it_and_a_refusal_the_gateway()
    {
        using var proxied = await gateway.Client.GetAsync("/api/v1/products/tea");
        using var refused = await gateway.Client.GetAsync("/api/v1/nothing");

        Assert.Equal(["ordering-1"], proxied.Headers.GetValues(ShopHeaders.Instance));
        Assert.Equal(["gateway-1"], refused.Headers.GetValues(ShopHeaders.Instance));
        Assert.Equal(ProblemResult.ContentType, refused.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public void A_replica_whose_requests_failed_comes_back_after_the_configured_time()
    {
        // YARP waits for the longer of the two.
        var memory = gateway.Services.GetRequiredService<IOptions<TransportFailureRateHealthPolicyOptions>>().Value.DetectionWindowSize;

        Assert.Equal(gateway.Services.GetRequiredService<IOptions<ProxyOptions>>().Value.ReactivationPeriod, memory);
    }

    [Fact]
    public async Task A_dead_replica_is_passed_over_for_proxied_requests_and_for_internal_calls()
    {
        for (var i = 0; i < 4; i++)
        {
            using var proxied = await gateway.Client.GetAsync("/api/v1/products/tea");

            Assert.Equal(HttpStatusCode.OK, proxied.StatusCode);
            Assert.NotEmpty(await gateway.LogInAsync());
        }
    }

    [Fact]
    public async Task An_accepted_order_takes_its_lines_out_of_the_cart_before_it_is_answered()
    {
        var bearer = new AuthenticationHeaderValue("Bearer", await gateway.LogInAsync());
        using var put = new HttpRequestMessage(HttpMethod.Put, "/api/v1/cart/items/tea") { Headers = { Authorization = bearer }, Content = JsonContent.Create(new { quantity = 2 }) };
        await ReadAsync<JsonObject>(put);
        using var order = new HttpRequestMessage(HttpMethod.Post, "/api/v1/orders") { Headers = { Authorization = bearer }, Content = JsonContent.Create(new { checkout = "saga" }) };
        using var look = new HttpRequestMessage(HttpMethod.Get, "/api/v1/cart") { Headers = { Authorization = bearer } };

        var placed = await ReadAsync<JsonObject>(order);
        var left = await ReadAsync<JsonObject>(look);

        Assert.Equal("""{"checkout":"saga","lines":[{"sku":"tea","quantity":2}]}""", placed["body"]!.ToJsonString());
        Assert.Empty(left["items"]!.AsArray());
    }

    [Fact]
    public async Task A_session_id_that_the_client_chose_is_never_adopted()
    {
        var (chosen, _) = SessionKey.New();
        using var logIn = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session") { Content = JsonContent.Create(new { name = "ann", password = "a password" }) };
        logIn.Headers.Add("Cookie", $"{SessionCookie.Name}={chosen}");
        using var withChosen = new HttpRequestMessage(HttpMethod.Get, "/api/v1/session");
        withChosen.Headers.Add("Cookie", $"{SessionCookie.Name}={chosen}");

        var token = (await ReadAsync<JsonObject>(logIn))["token"]!.GetValue<string>();
        using var answer = await gateway.Client.SendAsync(withChosen);

        Assert.NotEqual(chosen, token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("http", false)]
    public void The_cookie_is_out_of_reach_of_scripts_and_other_sites_and_on_https_secure(string scheme, bool secure)
    {
        var context = new DefaultHttpContext { Request = { Scheme = scheme } };

        SessionCookie.Set(context, "token", TimeSpan.FromHours(1));

        var cookie = context.Response.Headers.SetCookie.ToString();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Equal(secure, cookie.Contains("secure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_on_every_route()
    {
        var bearer = new AuthenticationHeaderValue("Bearer", await gateway.LogInAsync());
        foreach (var path in new[] { "/api/v1/orders", "/api/v1/session" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Headers = { Authorization = bearer },
                Content = new StringContent(new string(' ', 70_000), Encoding.UTF8, "application/json"),
            };
            using var response = await gateway.Client.SendAsync(request);

            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("GET /internal/openapi.json HTTP/1.1")]
    [InlineData("GET /Internal/credentials HTTP/1.1")]
    [InlineData("GET /api/v1/orders/%2e%2e/%2e%2e/%2e%2e/internal/credentials HTTP/1.1")]
    [InlineData("GET /api/v1/orders/..%2F..%2F..%2Finternal HTTP/1.1")]
    [InlineData("GET http://{host}/internal/credentials HTTP/1.1")]
    [InlineData("OPTIONS /ops/x HTTP/1.1")]
    public async Task What_is_inside_is_not_found_from_outside(string requestLine)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Address.Host, gateway.Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{requestLine.Replace("{host}", gateway.Address.Authority, StringComparison.Ordinal)}\r\nHost: {gateway.Address.Authority}\r\nConnection: close\r\n\r\n"));

        using var reader = new StreamReader(stream);

        Assert.StartsWith("HTTP/1.1 404", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_own_endpoints_are_documented_and_nothing_internal_is()
    {
        var document = OpenApiMerge.Merge(await OpenApiDocuments.ReadAsync(gateway.Services));

        Assert.Equal(
            ["/api/v1/cart", "/api/v1/cart/items/{sku}", "/api/v1/customers", "/api/v1/session", "/api/v1/sessions"],
            document["paths"]!.AsObject().Select(path => path.Key));
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request)
    {
        using var response = await gateway.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
        return (await response.Content.ReadFromJsonAsync<T>())!;
    }
}
