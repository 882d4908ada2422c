using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Api;

/// <summary>Every endpoint of every application is in one table that says who may call it, and answers accordingly to a caller without credentials.</summary>
[Collection(SharedShop.Name)]
public sealed class RouteWalkTests(ShopFixture shop)
{
    private enum Door
    {
        /// <summary>Open to everybody who reaches the port.</summary>
        Public,

        /// <summary>A customer whom the gateway vouches for.</summary>
        Customer,

        /// <summary>Another service, by its key.</summary>
        Internal,

        /// <summary>A person who operates the shop, by a key.</summary>
        Operator,

        /// <summary>There, but not for the world: the gateway says 404 before anything is asked.</summary>
        Hidden,
    }

    private static readonly Dictionary<string, Door> Doors = new()
    {
        ["gateway GET /"] = Door.Public,
        ["gateway GET /openapi/v1.json"] = Door.Public,
        ["gateway GET /problems"] = Door.Public,
        ["gateway GET /problems/{slug}"] = Door.Public,
        ["gateway POST /api/v1/customers"] = Door.Public,
        ["gateway POST /api/v1/session"] = Door.Public,
        ["gateway GET /api/v1/session"] = Door.Customer,
        ["gateway DELETE /api/v1/session"] = Door.Customer,
        ["gateway DELETE /api/v1/sessions"] = Door.Customer,
        ["gateway GET /api/v1/cart"] = Door.Customer,
        ["gateway PUT /api/v1/cart/items/{sku}"] = Door.Customer,
        ["gateway DELETE /api/v1/cart/items/{sku}"] = Door.Customer,
        ["gateway GET /api/v1/products"] = Door.Public,
        ["gateway GET /api/v1/products/{sku}"] = Door.Public,
        ["gateway GET /api/v1/products/{sku}/stock"] = Door.Public,
        ["gateway POST /api/v1/orders"] = Door.Customer,
        ["gateway GET /api/v1/orders"] = Door.Customer,
        ["gateway GET /api/v1/orders/{id}"] = Door.Customer,
        ["gateway GET /api/v1/orders/{id}/events"] = Door.Customer,
        ["gateway GET /api/v1/orders/{id}/history"] = Door.Customer,
        ["gateway GET /api/v1/orders/{id}/invoice"] = Door.Customer,
        ["gateway POST /api/v1/orders/{id}/cancel"] = Door.Customer,
        ["gateway GET /api/v1/wallet"] = Door.Customer,
        ["gateway GET /api/v1/wallet/entries"] = Door.Customer,
        ["gateway POST /api/v1/wallet/deposits"] = Door.Customer,
        ["gateway GET /internal/openapi.json"] = Door.Hidden,
        ["gateway GET /ops/config"] = Door.Hidden,
        ["gateway GET /ops/cache"] = Door.Hidden,
        ["gateway DELETE /ops/cache"] = Door.Hidden,
        ["gateway * /health/live"] = Door.Public,
        ["gateway * /health/ready"] = Door.Public,
        ["gateway * /health/startup"] = Door.Public,

        ["ordering POST /api/v1/orders"] = Door.Customer,
        ["ordering GET /api/v1/orders"] = Door.Customer,
        ["ordering GET /api/v1/orders/{id:long}"] = Door.Customer,
        ["ordering GET /api/v1/orders/{id:long}/events"] = Door.Customer,
        ["ordering GET /api/v1/orders/{id:long}/history"] = Door.Customer,
        ["ordering GET /api/v1/orders/{id:long}/invoice"] = Door.Customer,
        ["ordering POST /api/v1/orders/{id:long}/cancel"] = Door.Customer,
        ["ordering POST /internal/decisions"] = Door.Internal,
        ["ordering GET /ops/invariants"] = Door.Operator,
        ["ordering GET /ops/invariants/checks"] = Door.Operator,
        ["ordering GET /ops/config"] = Door.Operator,
        ["inventory GET /ops/config"] = Door.Operator,
        ["payments GET /ops/config"] = Door.Operator,
        ["ordering GET /ops/orders/stuck"] = Door.Operator,
        ["ordering POST /ops/orders/{id:long}/retry"] = Door.Operator,
        ["ordering POST /ops/reconciliation/runs"] = Door.Operator,
        ["ordering GET /ops/reconciliation/runs"] = Door.Operator,
        ["ordering GET /ops/reconciliation/runs/{id:long}"] = Door.Operator,
        ["ordering GET /ops/reconciliation/proposals"] = Door.Operator,
        ["ordering POST /ops/reconciliation/proposals/{id}/approve"] = Door.Operator,
        ["ordering POST /ops/reconciliation/proposals/{id}/reject"] = Door.Operator,
        ["ordering POST /ops/orders/{id:long}/force-stop"] = Door.Operator,
        ["ordering GET /ops/traffic"] = Door.Operator,
        ["ordering GET /ops/dead-letters"] = Door.Operator,
        ["ordering POST /ops/dead-letters/{id}/requeue"] = Door.Operator,
        ["ordering PUT /ops/dead-letters/{id}"] = Door.Operator,
        ["ordering DELETE /ops/dead-letters/{id}"] = Door.Operator,
        ["ordering GET /ops/audit"] = Door.Operator,
        ["ordering GET /ops/leaders"] = Door.Operator,
        ["ordering GET /ops/jobs"] = Door.Operator,
        ["ordering GET /ops/jobs/{name}/runs"] = Door.Operator,
        ["ordering POST /ops/jobs/{name}/run"] = Door.Operator,
        ["ordering POST /ops/jobs/{name}/pause"] = Door.Operator,
        ["ordering POST /ops/jobs/{name}/resume"] = Door.Operator,
        ["ordering GET /ops/alarms"] = Door.Operator,
        ["ordering GET /internal/openapi.json"] = Door.Internal,
        ["ordering * /health/live"] = Door.Public,
        ["ordering * /health/ready"] = Door.Public,
        ["ordering * /health/startup"] = Door.Public,

        ["inventory GET /api/v1/products"] = Door.Public,
        ["inventory GET /api/v1/products/{sku}"] = Door.Public,
        ["inventory GET /api/v1/products/{sku}/stock"] = Door.Public,
        ["inventory GET /internal/products"] = Door.Internal,
        ["inventory GET /internal/products/{sku}"] = Door.Internal,
        ["inventory GET /internal/facts"] = Door.Internal,
        ["inventory GET /internal/facts/reservations/{orderId:long}"] = Door.Internal,
        ["inventory GET /ops/products/{sku}"] = Door.Operator,
        ["inventory PUT /ops/products/{sku}"] = Door.Operator,
        ["inventory GET /ops/cache"] = Door.Operator,
        ["inventory DELETE /ops/cache"] = Door.Operator,
        ["inventory DELETE /ops/cache/products/{sku}"] = Door.Operator,
        ["inventory POST /ops/stock/{sku}/receipts"] = Door.Operator,
        ["inventory POST /ops/stock/{sku}/takes"] = Door.Operator,
        ["inventory POST /internal/commands"] = Door.Internal,
        ["inventory GET /internal/dead-letters"] = Door.Internal,
        ["inventory POST /internal/dead-letters/{id}/requeue"] = Door.Internal,
        ["inventory GET /ops/prepared"] = Door.Operator,
        ["inventory POST /ops/prepared/{orderId:long}/commit"] = Door.Operator,
        ["inventory POST /ops/prepared/{orderId:long}/rollback"] = Door.Operator,
        ["inventory GET /ops/traffic"] = Door.Operator,
        ["inventory GET /ops/dead-letters"] = Door.Operator,
        ["inventory POST /ops/dead-letters/{id}/requeue"] = Door.Operator,
        ["inventory PUT /ops/dead-letters/{id}"] = Door.Operator,
        ["inventory DELETE /ops/dead-letters/{id}"] = Door.Operator,
        ["inventory GET /ops/audit"] = Door.Operator,
        ["inventory GET /ops/jobs"] = Door.Operator,
        ["inventory GET /ops/jobs/{name}/runs"] = Door.Operator,
        ["inventory POST /ops/jobs/{name}/run"] = Door.Operator,
        ["inventory POST /ops/jobs/{name}/pause"] = Door.Operator,
        ["inventory POST /ops/jobs/{name}/resume"] = Door.Operator,
        ["inventory GET /ops/alarms"] = Door.Operator,
        ["inventory GET /internal/openapi.json"] = Door.Internal,
        ["inventory * /health/live"] = Door.Public,
        ["inventory * /health/ready"] = Door.Public,
        ["inventory * /health/startup"] = Door.Public,

        ["payments GET /api/v1/wallet"] = Door.Customer,
        ["payments GET /api/v1/wallet/entries"] = Door.Customer,
        ["payments POST /api/v1/wallet/deposits"] = Door.Customer,
        ["payments POST /internal/customers"] = Door.Internal,
        ["payments POST /internal/credentials"] = Door.Internal,
        ["payments GET /internal/facts"] = Door.Internal,
        ["payments GET /internal/facts/payments/{orderId:long}"] = Door.Internal,
        ["payments POST /internal/commands"] = Door.Internal,
        ["payments GET /internal/dead-letters"] = Door.Internal,
        ["payments POST /internal/dead-letters/{id}/requeue"] = Door.Internal,
        ["payments GET /ops/prepared"] = Door.Operator,
        ["payments POST /ops/prepared/{orderId:long}/commit"] = Door.Operator,
        ["payments POST /ops/prepared/{orderId:long}/rollback"] = Door.Operator,
        ["payments GET /ops/traffic"] = Door.Operator,
        ["payments POST /ops/wallets/{customerId:long}/close"] = Door.Operator,
        ["payments POST /ops/customers"] = Door.Operator,
        ["payments GET /ops/dead-letters"] = Door.Operator,
        ["payments POST /ops/dead-letters/{id}/requeue"] = Door.Operator,
        ["payments PUT /ops/dead-letters/{id}"] = Door.Operator,
        ["payments DELETE /ops/dead-letters/{id}"] = Door.Operator,
        ["payments GET /ops/audit"] = Door.Operator,
        ["payments GET /ops/settlements"] = Door.Operator,
        ["payments GET /ops/jobs"] = Door.Operator,
        ["payments GET /ops/jobs/{name}/runs"] = Door.Operator,
        ["payments POST /ops/jobs/{name}/run"] = Door.Operator,
        ["payments POST /ops/jobs/{name}/pause"] = Door.Operator,
        ["payments POST /ops/jobs/{name}/resume"] = Door.Operator,
        ["payments GET /ops/alarms"] = Door.Operator,
        ["payments GET /internal/openapi.json"] = Door.Internal,
        ["payments * /health/live"] = Door.Public,
        ["payments * /health/ready"] = Door.Public,
        ["payments * /health/startup"] = Door.Public,
    };

    public static TheoryData<string> Declared => [.. Doors.Keys];

    [Theory]
    [InlineData("gateway")]
    [InlineData("ordering")]
    [InlineData("inventory")]
    [InlineData("payments")]
    public void Every_endpoint_is_declared_and_every_declaration_has_its_endpoint(string service)
    {
        var found = shop.Host.App(service).Services.GetServices<EndpointDataSource>()
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .SelectMany(endpoint => MethodsOf(endpoint).Select(method => $"{service} {method} /{endpoint.RoutePattern.RawText!.Trim('/')}"))
            .Distinct();
        Assert.Equal(
            Doors.Keys.Where(key => key.StartsWith($"{service} ", StringComparison.Ordinal)).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Declared))]
    public async Task It_opens_without_credentials_only_if_it_is_public(string declared)
    {
        var (service, method, pattern) = declared.Split(' ') is [var s, var m, var p] ? (s, m, p) : throw new FormatException(declared);
        using var client = new ShopClient(service switch
        {
            "gateway" => shop.Host.Address,
            "ordering" => shop.Host.OrderingAddress,
            "inventory" => shop.Host.InventoryAddress,
            _ => shop.Host.PaymentsAddress,
        });
        var path = pattern.Replace("{sku}", "umbrella", StringComparison.Ordinal).Replace("{slug}", "not-found", StringComparison.Ordinal)
            .Replace("{name}", "clean-up", StringComparison.Ordinal).Replace("{id}", "1", StringComparison.Ordinal).Replace("{id:long}", "1", StringComparison.Ordinal).Replace("{orderId:long}", "1", StringComparison.Ordinal).Replace("{customerId:long}", "1", StringComparison.Ordinal);
        var verb = new HttpMethod(method is "*" ? "GET" : method);
        var reply = await client.SendAsync(verb, path, method is "POST" or "PUT" ? "{}" : null, ("Idempotency-Key", "k"));

        switch (Doors[declared])
        {
            case Door.Public:
                Assert.True((int)reply.Status is 200 or 302 or 400, $"{(int)reply.Status}: {reply.Text}");
                break;
            case Door.Hidden:
                Assert.Equal("not-found", reply.Code);
                break;
            default:
                Assert.Equal("unauthorized", reply.Code);
                break;
        }
    }

    private static IEnumerable<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["*"];
}
