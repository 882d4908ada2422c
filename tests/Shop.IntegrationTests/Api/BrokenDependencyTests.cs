using Shop.Contracts;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>What a caller sees of a service that is away: a 503 that says when to come back, and everything else as always.</summary>
public sealed class BrokenDependencyTests
{
    private static readonly object Credentials = new { name = "somebody", password = "correct horse" };

    [Fact]
    public async Task Without_payments_nobody_new_gets_in_and_whoever_is_in_can_order()
    {
        await using var host = await EmbeddedShopHost.StartAsync();
        using var customer = await host.CustomerAsync();
        using var anonymous = host.Anonymous();
        await host.App(ServiceNames.Payments).StopAsync();

        await anonymous.PostAsync("/api/v1/customers", Credentials).ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await anonymous.PostAsync("/api/v1/session", Credentials).ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/wallet").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/wallet/entries").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.DepositAsync(1).ExpectProblem(ServiceUnavailable, "dependency-unavailable");

        await customer.GetAsync("/api/v1/session").Expect(OK);
        await customer.GetAsync("/api/v1/products/umbrella").Expect(OK);
        await customer.SendAsync(HttpMethod.Put, "/api/v1/cart/items/umbrella", new { quantity = 1 }).Expect(OK);
        await customer.OrderAsync("umbrella").Expect(Accepted);
    }

    [Fact]
    public async Task Without_inventory_known_products_can_still_be_ordered()
    {
        await using var host = await EmbeddedShopHost.StartAsync();
        using var customer = await host.CustomerAsync();
        await customer.OrderAsync("umbrella", prefer: "wait=30").Expect(OK);
        await host.App(ServiceNames.Inventory).StopAsync();

        await customer.GetAsync("/api/v1/products").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/products/umbrella").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/products/umbrella/stock").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.SendAsync(HttpMethod.Put, "/api/v1/cart/items/umbrella", new { quantity = 1 })
            .ExpectProblem(ServiceUnavailable, "dependency-unavailable");

        await customer.OrderAsync("umbrella").Expect(Accepted);
        await customer.OrderAsync("no-such-product").ExpectProblem(ServiceUnavailable, "dependency-unavailable"); // it may be a new one
        await customer.GetAsync("/api/v1/orders").Expect(OK);
        await customer.GetAsync("/api/v1/wallet").Expect(OK);
    }

    [Fact]
    public async Task Without_ordering_the_cart_keeps_what_could_not_be_ordered()
    {
        await using var host = await EmbeddedShopHost.StartAsync();
        using var customer = await host.CustomerAsync();
        await customer.SendAsync(HttpMethod.Put, "/api/v1/cart/items/umbrella", new { quantity = 1 }).Expect(OK);
        await host.App(ServiceNames.Ordering).StopAsync();

        await customer.PostAsync("/api/v1/orders", "{}", ("Idempotency-Key", "k")).ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.OrderAsync("umbrella", prefer: "wait=30").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/orders").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/orders/1").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.GetAsync("/api/v1/orders/1/events").ExpectProblem(ServiceUnavailable, "dependency-unavailable");
        await customer.PostAsync("/api/v1/orders/1/cancel", null).ExpectProblem(ServiceUnavailable, "dependency-unavailable");

        Assert.Single((await customer.GetAsync("/api/v1/cart").Expect(OK)).Body["items"]!.AsArray());
        await customer.GetAsync("/health/ready").Expect(OK);
    }
}
