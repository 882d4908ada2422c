using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>An order without lines is an order of the cart.</summary>
[Collection(SharedShop.Name)]
public sealed class CartOrderTests(ShopFixture shop) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"lines":null}""")]
    [InlineData("""{"checkout":"saga"}""")]
    public async Task It_has_the_lines_of_the_cart_and_empties_it(string body)
    {
        var (first, second) = (await shop.Host.ProductAsync(price: 300), await shop.Host.ProductAsync(price: 50));
        await PutAsync(first, 2);
        await PutAsync(second, 3);

        var order = (await OrderAsync(body, Key(), "wait=30").Expect(OK)).Body;
        Assert.Equal("confirmed", order["status"]!.GetValue<string>());
        Assert.Equal(750, order["total"]!["amount"]!.GetValue<long>());
        Assert.Equal([(first, 2), (second, 3)], order["lines"]!.AsArray().Select(l => (l!["sku"]!.GetValue<string>(), l["quantity"]!.GetValue<int>())));
        Assert.Equal("[]", await ItemsAsync());
    }

    [Fact]
    public async Task An_empty_cart_is_a_400()
    {
        var reply = await OrderAsync("{}", Key()).ExpectProblem(BadRequest, "validation-failed");
        Assert.NotNull(reply.Body["errors"]!["lines"]);
    }

    [Fact]
    public async Task A_repeat_is_answered_with_the_same_order_although_the_cart_is_empty_by_now()
    {
        await PutAsync(await shop.Host.ProductAsync(), 1);
        var key = Key();
        var first = await OrderAsync("{}", key).Expect(Accepted);
        var repeat = await OrderAsync("{}", key).Expect(Accepted);
        Assert.Equal("true", repeat.Header("Idempotent-Replayed"));
        Assert.Equal(first.Header("Location"), repeat.Header("Location"));
        Assert.Equal(first.Body["id"]!.GetValue<string>(), repeat.Body["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_repeat_after_the_cart_was_filled_again_takes_nothing_from_it()
    {
        var (bought, wanted) = (await shop.Host.ProductAsync(), await shop.Host.ProductAsync());
        await PutAsync(bought, 1);
        var key = Key();
        var first = await OrderAsync("{}", key).Expect(Accepted);
        await PutAsync(wanted, 1);
        await PutAsync(bought, 5);

        var repeat = await OrderAsync("{}", key).Expect(Accepted);

        Assert.Equal("true", repeat.Header("Idempotent-Replayed"));
        Assert.Equal(first.Body["lines"]!.ToJsonString(), repeat.Body["lines"]!.ToJsonString());
        Assert.Equal($$"""[{"sku":"{{wanted}}","quantity":1},{"sku":"{{bought}}","quantity":5}]""", await ItemsAsync());
        Assert.Single((await _customer.GetAsync("/api/v1/orders").Expect(OK)).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task An_order_with_lines_of_its_own_leaves_the_cart_alone()
    {
        var (inCart, ordered) = (await shop.Host.ProductAsync(), await shop.Host.ProductAsync());
        await PutAsync(inCart, 4);
        await _customer.OrderAsync([(ordered, 1), (inCart, 1)], prefer: "wait=30").Expect(OK);
        Assert.Equal($$"""[{"sku":"{{inCart}}","quantity":4}]""", await ItemsAsync());
    }

    [Fact]
    public async Task A_refused_order_leaves_the_cart_as_it_was()
    {
        var sku = await shop.Host.ProductAsync();
        await PutAsync(sku, 1);
        await OrderAsync("""{"checkout":"nonsense"}""", Key()).ExpectProblem(BadRequest, "checkout-not-supported");
        await OrderAsync("""{"surprise":1}""", Key()).ExpectProblem(BadRequest, "validation-failed");
        await _customer.PostAsync("/api/v1/orders", "{}").ExpectProblem(BadRequest, "idempotency-key-missing");
        await OrderAsync("""{"lines":[]}""", Key()).ExpectProblem(BadRequest, "validation-failed");
        Assert.Equal($$"""[{"sku":"{{sku}}","quantity":1}]""", await ItemsAsync());
    }

    [Fact]
    public async Task Items_put_in_while_the_cart_is_ordered_are_not_lost()
    {
        // Whatever the interleaving, each item is either ordered or still in the cart, and never both.
        var skus = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => shop.Host.ProductAsync(price: 1)));
        await PutAsync(skus[0], 1);
        var puts = skus.Skip(1).Select(sku => PutAsync(sku, 1));
        var orders = Enumerable.Range(0, 4).Select(_ => OrderAsync("{}", Key()));
        var answered = Task.WhenAll(orders);
        await Task.WhenAll(puts);
        var replies = await answered;

        var placed = (await _customer.GetAsync("/api/v1/orders?limit=100").Expect(OK)).Body["items"]!.AsArray();
        var ordered = placed.SelectMany(order => order!["lines"]!.AsArray()).Select(line => line!["sku"]!.GetValue<string>()).ToHashSet();
        var left = JsonNode.Parse(await ItemsAsync())!.AsArray().Select(item => item!["sku"]!.GetValue<string>()).ToHashSet();
        Assert.Equal(skus.Order(StringComparer.Ordinal), ordered.Union(left).Order(StringComparer.Ordinal));
        Assert.Empty(ordered.Intersect(left));
        Assert.All(replies, reply => Assert.True(reply.Status is Accepted || reply.Code is "validation-failed", reply.Text));
    }

    private static string Key() => Guid.NewGuid().ToString();

    private async Task<string> ItemsAsync() => (await _customer.GetAsync("/api/v1/cart").Expect(OK)).Body["items"]!.ToJsonString();

    private Task PutAsync(string sku, int quantity) => _customer.SendAsync(HttpMethod.Put, $"/api/v1/cart/items/{sku}", new { quantity }).Expect(OK);

    private Task<Reply> OrderAsync(string body, string key, string? prefer = null) =>
        _customer.PostAsync("/api/v1/orders", body, [("Idempotency-Key", key), .. prefer is null ? [] : new[] { ("Prefer", prefer) }]);
}
