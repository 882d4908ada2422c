using System.Net;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Attacks;

/// <summary>SKUs that would mean something else in an internal address than in the database.</summary>
public sealed class HostileSkuTests
{
    private static readonly string[] Skus =
    [
        ".", "..", "../facts", "umbrella/../umbrella", "umbrella\n", " umbrella", "%2e", "a\0b", "a?b", "a#b", "ü\u202e", new string('x', 5_000), new string('ü', 3_000),
    ];

    [Fact]
    public async Task An_order_for_a_SKU_that_is_a_path_is_an_order_for_an_unknown_product()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();

        foreach (var sku in Skus)
        {
            await customer.OrderAsync(sku).ExpectProblem(HttpStatusCode.BadRequest, "validation-failed");
        }
    }

    [Fact]
    public async Task A_SKU_that_only_looks_like_a_product_does_not_get_into_a_cart()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();

        foreach (var sku in (string[])["umbrella%0A", "umbrella%0D", "umbrella%20", "%20umbrella"])
        {
            await customer.SendAsync(HttpMethod.Put, $"/api/v1/cart/items/{sku}", new { quantity = 1 }).Expect(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Every_SKU_that_an_operator_can_add_can_be_put_into_a_cart()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        using var product = new StringContent("""{"name":"Tea","description":"","price":{"amount":100,"currency":"EUR"}}""", System.Text.Encoding.UTF8, "application/json");
        using var added = await shop.Operator.PutAsync($"{shop.InventoryAddress}/ops/products/tea.green-1_kg", product);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);

        await customer.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea.green-1_kg", new { quantity = 1 }).Expect(HttpStatusCode.OK);
    }
}
