using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>Only the gateway is public: what a client says of itself is not believed, and what is inside cannot be reached from outside.</summary>
[Collection(SharedShop.Name)]
public sealed class TrustBoundaryTests(ShopFixture shop)
{
    private readonly ShopClient _stranger = shop.Host.Anonymous();

    public static TheoryData<string> IdentityHeaders =>
    [
        "Shop-Identity", "shop-identity", "SHOP-IDENTITY", "Shop_Identity", "Shop.Identity", "X-User-Id", "X_User_Id", "x-user-id",
        "X-Forwarded-User", "X-Remote-User", "X-Original-User", "X-Shop-Identity", "Remote-User", "Shop-Customer", "Customer-Id",
    ];

    [Theory]
    [MemberData(nameof(IdentityHeaders))]
    public async Task Whoever_says_who_they_are_in_a_header_is_nobody(string header)
    {
        // A real identity, signed by this very shop, for whoever may have got hold of one.
        var signed = shop.Host.App(ServiceNames.Ordering).Services.GetRequiredService<IdentitySigner>().Sign(new Customer(1, "victim"), ServiceNames.Ordering);
        foreach (var value in (string[])["1", "admin", signed])
        {
            await _stranger.GetAsync("/api/v1/orders", (header, value)).ExpectProblem(Unauthorized, "unauthorized");
            await _stranger.GetAsync("/api/v1/orders", (header, value), ("Connection", header)).ExpectProblem(Unauthorized, "unauthorized");
            await _stranger.GetAsync("/api/v1/orders", (header, value), (header, signed)).ExpectProblem(Unauthorized, "unauthorized");
        }
    }

    [Theory]
    [MemberData(nameof(IdentityHeaders))]
    public async Task Nobody_becomes_somebody_else_by_a_header(string header)
    {
        using var victim = await shop.Host.CustomerAsync();
        using var attacker = await shop.Host.CustomerAsync();
        var order = await victim.OrderAsync("umbrella").Expect(Accepted);
        var victimId = long.Parse((await victim.GetAsync("/api/v1/session").Expect(OK)).Body["customerId"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        var signed = shop.Host.App(ServiceNames.Ordering).Services.GetRequiredService<IdentitySigner>().Sign(new Customer(victimId, victim.Name), ServiceNames.Ordering);

        await attacker.GetAsync(order.Header("Location")!, (header, signed)).ExpectProblem(NotFound, "not-found");
        await attacker.GetAsync(order.Header("Location")!, (header, signed), ("Connection", $"close, {header}")).ExpectProblem(NotFound, "not-found");
        Assert.Empty((await attacker.GetAsync("/api/v1/orders", (header, signed)).Expect(OK)).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task The_keys_of_services_and_operators_open_nothing_from_outside()
    {
        var operatorKey = ("Shop-Operator-Key", shop.Host.Operator.DefaultRequestHeaders.GetValues("Shop-Operator-Key").Single());
        var serviceKey = ("Shop-Service-Key", ServiceKey());
        foreach (var path in (string[])["/ops/invariants", "/internal/facts", "/internal/openapi.json", "/ops/dead-letters", "/internal/products"])
        {
            await _stranger.GetAsync(path, operatorKey, serviceKey).ExpectProblem(NotFound, "not-found");
        }

        await _stranger.GetAsync("/api/v1/orders", operatorKey, serviceKey).ExpectProblem(Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_fingerprint_that_the_client_sends_is_not_used()
    {
        using var customer = await shop.Host.CustomerAsync();
        var key = ("Idempotency-Key", Guid.NewGuid().ToString());
        await customer.PostAsync("/api/v1/orders", """{"lines":[{"sku":"umbrella","quantity":1}]}""", key, ("Shop-Fingerprint", "a.b")).Expect(Accepted);
        await customer.PostAsync("/api/v1/orders", """{"lines":[{"sku":"umbrella","quantity":2}]}""", key, ("Shop-Fingerprint", "a.b"))
            .ExpectProblem(UnprocessableEntity, "idempotency-key-reused");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    public async Task What_is_inside_is_not_there_for_any_method(string method)
    {
        foreach (var path in (string[])
            ["/internal", "/internal/facts", "/internal/openapi.json", "/internal/customers", "/internal/credentials", "/ops", "/ops/invariants", "/ops/orders/stuck",
             "/ops/dead-letters", "/metrics", "/tcc/try", "/lab", "/swagger", "/swagger/v1/swagger.json", "/openapi/internal.json", "/.env", "/appsettings.json"])
        {
            var reply = await _stranger.SendAsync(new HttpMethod(method), path).Expect(NotFound);
            Assert.True(method is "HEAD" || reply.Code is "not-found");
        }
    }

    [Theory]
    [InlineData("/internal/facts")]
    [InlineData("/INTERNAL/facts")]
    [InlineData("/Internal/Facts")]
    [InlineData("/%69nternal/facts")]
    [InlineData("/internal%2Ffacts")]
    [InlineData("/internal%2ffacts")]
    [InlineData("//internal/facts")]
    [InlineData("/./internal/facts")]
    [InlineData("/api/v1/../../internal/facts")]
    [InlineData("/api/v1/%2e%2e/%2e%2e/internal/facts")]
    [InlineData("/api/v1/%2E%2E/%2E%2E/internal/facts")]
    [InlineData("/api/v1/..%2f..%2finternal/facts")]
    [InlineData("/api/v1/%252e%252e/%252e%252e/internal/facts")]
    [InlineData("/api/v1/products/..;/..;/..;/internal/facts")]
    [InlineData("/api/v1/products/umbrella/..%5c..%5c..%5cinternal/facts")]
    [InlineData("/api/v1/products/..%5c..%5c..%5c..%5cops/invariants")]
    [InlineData("/internal;x/facts")]
    [InlineData("/internal/facts;x=y")]
    [InlineData("/internal\\facts")]
    [InlineData("\\internal\\facts")]
    [InlineData("/api/v1/products/%2e%2e/%2e%2e/%2e%2e/ops/invariants")]
    [InlineData("/api/v1/products//../../../ops/invariants")]
    [InlineData("/api/v1/products/%00/../../../../ops/invariants")]
    [InlineData("/ops/invariants/")]
    [InlineData("/OPS/invariants")]
    [InlineData("/ops/invariants?x=/api/v1/products")]
    [InlineData("/ops%20/invariants")]
    [InlineData("/internal/%66acts")]
    [InlineData("/health/../ops/invariants")]
    [InlineData("/problems/..%2f..%2fops%2finvariants")]
    [InlineData("http://localhost/ops/invariants")]
    [InlineData("http://127.0.0.1/internal/facts")]
    public async Task No_spelling_of_a_path_leads_inside(string target)
    {
        foreach (var key in (string[])[$"Shop-Operator-Key: {shop.Host.Operator.DefaultRequestHeaders.GetValues("Shop-Operator-Key").Single()}", $"Shop-Service-Key: {ServiceKey()}"])
        {
            var reply = await RawHttp.GetAsync(shop.Host.Port, target, key);

            // Kestrel answers 400 itself, without a body, to what is not even a request target.
            Assert.True(reply.Code is "not-found" || reply is { Status: 400, Body: "" }, $"{target}: {reply.Head}\n{reply.Body}");
            Assert.DoesNotContain("holds", reply.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_target_in_absolute_form_is_read_as_its_path()
    {
        var here = $"http://localhost:{shop.Host.Port}";
        Assert.Equal(200, (await RawHttp.GetAsync(shop.Host.Port, $"{here}/api/v1/products/umbrella")).Status);
        Assert.Equal("not-found", (await RawHttp.GetAsync(shop.Host.Port, $"{here}/internal/facts")).Code);
        Assert.Equal("not-found", (await RawHttp.GetAsync(shop.Host.Port, $"{here}/api/v1/%2e%2e/%2e%2e/internal/facts")).Code);

        // Two names for one server: which of them is meant is not for us to guess.
        Assert.Equal(400, (await RawHttp.GetAsync(shop.Host.Port, "http://elsewhere/api/v1/products/umbrella")).Status);
    }

    [Theory]
    [InlineData("/api/v1/products/a%2fb")]
    [InlineData("/api/v1/products/..%2finternal")]
    [InlineData("/api/v1//products")]
    [InlineData("/api/v1/products;jsessionid=1")]
    [InlineData("/api/v1/products/%2e%2e")]
    [InlineData("/api/v1/products/umbrella%00")]
    [InlineData("/api/v1/products/%c0%ae%c0%ae/internal")]
    public async Task A_spelling_that_two_parsers_may_read_in_two_ways_is_a_404(string target)
    {
        var reply = await RawHttp.GetAsync(shop.Host.Port, target);
        Assert.True(reply.Code is "not-found" || reply is { Status: 400, Body: "" }, $"{target}: {reply.Head}\n{reply.Body}");
    }

    [Theory]
    [InlineData("GET", "ordering", "/api/v1/orders")]
    [InlineData("GET", "ordering", "/api/v1/orders/1")]
    [InlineData("POST", "ordering", "/api/v1/orders")]
    [InlineData("POST", "ordering", "/api/v1/orders/1/cancel")]
    [InlineData("GET", "payments", "/api/v1/wallet")]
    [InlineData("POST", "payments", "/api/v1/wallet/deposits")]
    [InlineData("POST", "payments", "/internal/customers")]
    [InlineData("POST", "payments", "/internal/credentials")]
    [InlineData("GET", "payments", "/internal/facts")]
    [InlineData("GET", "inventory", "/internal/facts")]
    [InlineData("GET", "inventory", "/internal/products")]
    [InlineData("PUT", "inventory", "/ops/products/umbrella")]
    [InlineData("POST", "inventory", "/ops/stock/umbrella/receipts")]
    [InlineData("GET", "ordering", "/ops/invariants")]
    [InlineData("GET", "inventory", "/ops/dead-letters")]
    public async Task Past_the_gateway_nobody_is_believed_without_a_signature_or_a_key(string method, string service, string path)
    {
        using var direct = new ShopClient(AddressOf(service));
        var tokenForAnother = Sign(service is ServiceNames.Ordering ? ServiceNames.Payments : ServiceNames.Ordering);
        var tampered = Sign(service)[..^2] + "xx";
        string[] identities = ["1", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwibmFtZSI6ImEifQ.", tokenForAnother, tampered, "", new('a', 8000)];
        var verb = new HttpMethod(method);
        var body = method is "GET" ? null : "{}";
        await direct.SendAsync(verb, path, body, ("Idempotency-Key", "k")).ExpectProblem(Unauthorized, "unauthorized");
        foreach (var identity in identities)
        {
            await direct.SendAsync(verb, path, body, ("Shop-Identity", identity), ("Idempotency-Key", "k")).ExpectProblem(Unauthorized, "unauthorized");
        }

        await direct.SendAsync(verb, path, body, ("Shop-Service-Key", "wrong"), ("Shop-Operator-Key", "wrong"), ("Idempotency-Key", "k"))
            .ExpectProblem(Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task Each_key_opens_its_own_door_only()
    {
        var (operatorKey, serviceKey) = (shop.Host.Operator.DefaultRequestHeaders.GetValues("Shop-Operator-Key").Single(), ServiceKey());
        using var direct = new ShopClient(shop.Host.InventoryAddress);
        await direct.GetAsync("/internal/products/umbrella", ("Shop-Service-Key", serviceKey)).Expect(OK);
        await direct.GetAsync("/internal/products/umbrella", ("Shop-Operator-Key", operatorKey)).ExpectProblem(Unauthorized, "unauthorized");
        await direct.GetAsync("/internal/products/umbrella", ("Shop-Service-Key", operatorKey)).ExpectProblem(Unauthorized, "unauthorized");
        await direct.GetAsync("/ops/dead-letters", ("Shop-Operator-Key", operatorKey)).Expect(OK);
        await direct.GetAsync("/ops/dead-letters", ("Shop-Service-Key", serviceKey)).ExpectProblem(Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task An_order_past_the_gateway_is_refused_even_with_a_signed_identity()
    {
        using var direct = new ShopClient(shop.Host.OrderingAddress);
        await direct.PostAsync(
                "/api/v1/orders", """{"lines":[{"sku":"umbrella","quantity":1}]}""",
                ("Shop-Identity", Sign(ServiceNames.Ordering)), ("Idempotency-Key", "k"), ("Shop-Fingerprint", "forged.forged"))
            .ExpectProblem(Forbidden, "forbidden");
    }

    [Theory]
    [InlineData("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}")]
    [InlineData("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\nConnection: close\r\n\r\n{}")]
    [InlineData("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, identity\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\nConnection: close\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n")]
    [InlineData("GET /api/v1/products HTTP/1.1\r\nHost: localhost\r\n folded: yes\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/v1/products HTTP/1.1\r\nHost : localhost\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/v1/products HTTP/1.1\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/v1/products HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /api/v1/products HTTP/9.9\r\nHost: a\r\nConnection: close\r\n\r\n")]
    public async Task A_request_that_two_servers_may_cut_in_two_ways_is_refused(string request)
    {
        var reply = await RawHttp.ExchangeAsync(shop.Host.Port, request);
        Assert.InRange(reply.Status, 400, 505);
        Assert.DoesNotContain("200 OK", reply.Head, StringComparison.Ordinal);
    }

    private string Sign(string audience) =>
        shop.Host.App(ServiceNames.Gateway).Services.GetRequiredService<IdentitySigner>().Sign(new Customer(1, "somebody"), audience);

    private string ServiceKey() =>
        shop.Host.App(ServiceNames.Ordering).Services.GetRequiredService<IOptions<SecurityOptions>>().Value.ServiceKey;

    private string AddressOf(string service) => service switch
    {
        ServiceNames.Ordering => shop.Host.OrderingAddress,
        ServiceNames.Inventory => shop.Host.InventoryAddress,
        _ => shop.Host.PaymentsAddress,
    };
}
