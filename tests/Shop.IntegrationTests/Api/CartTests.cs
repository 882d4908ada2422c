using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

[Collection(SharedShop.Name)]
public sealed class CartTests(ShopFixture shop) : IAsyncLifetime
{
    private ShopClient _customer = null!;

    public async Task InitializeAsync() => _customer = await shop.Host.CustomerAsync();

    public Task DisposeAsync()
    {
        _customer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Items_are_put_changed_and_taken_out_in_the_order_in_which_they_came()
    {
        Assert.Equal("[]", Items(await CartAsync()));
        Assert.Equal("""[{"sku":"umbrella","quantity":2}]""", Items(await PutAsync("umbrella", 2).Expect(OK)));
        await PutAsync("apron-cotton-moss", 1).Expect(OK);
        var changed = await PutAsync("umbrella", 1000).Expect(OK);
        Assert.Equal("""[{"sku":"umbrella","quantity":1000},{"sku":"apron-cotton-moss","quantity":1}]""", Items(changed));
        Assert.Equal(Items(changed), Items(await CartAsync()));

        Assert.Empty((await RemoveAsync("umbrella").Expect(NoContent)).Text);
        Assert.Equal("""[{"sku":"apron-cotton-moss","quantity":1}]""", Items(await CartAsync()));
        await RemoveAsync("umbrella").ExpectProblem(NotFound, "not-found");
    }

    [Theory]
    [InlineData("no-such-product")]
    [InlineData("umbrella%0A")]
    [InlineData("umbrella%20")]
    [InlineData("Umbrella")]
    [InlineData("umbrella%3Fx")]
    [InlineData("umbrella%23x")]
    [InlineData("%E2%98%82")]
    public async Task An_unknown_SKU_is_a_404(string sku)
    {
        await PutAsync(sku, 1).ExpectProblem(NotFound, "not-found");
        Assert.Equal("[]", Items(await CartAsync()));
    }

    [Fact]
    public async Task A_SKU_with_dots_dashes_and_underscores_can_be_bought()
    {
        var sku = $"A.b-c_{Guid.NewGuid():N}";
        using var created = await shop.Host.Operator.PutAsync(
            $"{shop.Host.InventoryAddress}/ops/products/{sku}",
            System.Net.Http.Json.JsonContent.Create(new { name = "Dotted", description = "", price = new { amount = 1, currency = "EUR" } }));
        created.EnsureSuccessStatusCode();
        await PutAsync(sku, 1).Expect(OK);
    }

    [Theory]
    [InlineData("""{"quantity":0}""", "quantity")]
    [InlineData("""{"quantity":-1}""", "quantity")]
    [InlineData("""{"quantity":1001}""", "quantity")]
    [InlineData("""{"quantity":2147483648}""", "quantity")]
    [InlineData("""{"quantity":99999999999999999999999999}""", "quantity")]
    [InlineData("""{"quantity":1.5}""", "quantity")]
    [InlineData("""{"quantity":1e2}""", "quantity")]
    [InlineData("""{"quantity":"1"}""", "quantity")]
    [InlineData("""{"quantity":null}""", "quantity")]
    [InlineData("""{"quantity":1,"price":1}""", "price")]
    [InlineData("{}", null)]
    public async Task A_quantity_is_a_number_from_1_to_1000(string body, string? member)
    {
        var reply = await _customer.SendAsync(HttpMethod.Put, "/api/v1/cart/items/umbrella", body).ExpectProblem(BadRequest, "validation-failed");
        Assert.True(member is null || reply.Body["errors"]![member] is not null, reply.Text);
        Assert.Equal("[]", Items(await CartAsync()));
    }

    [Fact]
    public async Task The_51st_item_is_refused_and_the_50_others_can_still_change()
    {
        var page = (await _customer.GetAsync("/api/v1/products?limit=51").Expect(OK)).Body["items"]!.AsArray();
        var skus = page.Select(item => item!["sku"]!.GetValue<string>()).ToList();
        await Task.WhenAll(skus.Take(50).Select(sku => PutAsync(sku, 1).Expect(OK)));

        var refused = await PutAsync(skus[50], 1).ExpectProblem(BadRequest, "validation-failed");
        Assert.NotNull(refused.Body["errors"]!["items"]);
        await PutAsync(skus[0], 2).Expect(OK);
        Assert.Equal(50, (await CartAsync()).Body["items"]!.AsArray().Count);

        await RemoveAsync(skus[1]).Expect(NoContent);
        await PutAsync(skus[50], 1).Expect(OK);
    }

    [Fact]
    public async Task Parallel_puts_of_different_items_all_survive()
    {
        var page = (await _customer.GetAsync("/api/v1/products?limit=40").Expect(OK)).Body["items"]!.AsArray();
        var skus = page.Select(item => item!["sku"]!.GetValue<string>()).ToList();
        await Task.WhenAll(skus.Select(sku => PutAsync(sku, 3).Expect(OK)));
        Assert.Equal(skus.Order(StringComparer.Ordinal), (await CartAsync()).Body["items"]!.AsArray().Select(i => i!["sku"]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_change_meant_for_an_older_cart_is_a_412_that_tells_the_current_version()
    {
        var old = (await PutAsync("umbrella", 1).Expect(OK)).Header("ETag")!;
        var now = await PutAsync("umbrella", 2, ("If-Match", old)).Expect(OK);
        Assert.NotEqual(old, now.Header("ETag"));
        Assert.Equal(now.Header("ETag"), (await CartAsync()).Header("ETag"));

        foreach (var stale in (string[])[old, "\"0\"", "garbage", $"W/{now.Header("ETag")}"])
        {
            var put = await PutAsync("umbrella", 3, ("If-Match", stale)).ExpectProblem(PreconditionFailed, "precondition-failed");
            Assert.Equal(now.Header("ETag"), $"\"{put.Body["currentVersion"]}\"");
            Assert.Equal(put.Body["currentVersion"]!.GetValue<long>(), now.Body["version"]!.GetValue<long>());
            await RemoveAsync("umbrella", ("If-Match", stale)).ExpectProblem(PreconditionFailed, "precondition-failed");
        }

        Assert.Equal("""[{"sku":"umbrella","quantity":2}]""", Items(await CartAsync()));
        await PutAsync("umbrella", 4, ("If-Match", "*")).Expect(OK);
        await RemoveAsync("umbrella", ("If-Match", $"{old}, {(await CartAsync()).Header("ETag")}")).Expect(NoContent);
    }

    [Fact]
    public async Task Of_many_changes_meant_for_one_version_one_is_made()
    {
        var version = (await PutAsync("umbrella", 1).Expect(OK)).Header("ETag")!;
        var replies = await Task.WhenAll(Enumerable.Range(2, 10).Select(quantity => PutAsync("umbrella", quantity, ("If-Match", version))));
        Assert.Single(replies, reply => reply.Status is OK);
        Assert.All(replies.Where(reply => reply.Status is not OK), reply => Assert.Equal("precondition-failed", reply.Code));
    }

    [Fact]
    public async Task An_unchanged_cart_is_a_304()
    {
        var cart = await PutAsync("umbrella", 1).Expect(OK);
        await _customer.GetAsync("/api/v1/cart", ("If-None-Match", cart.Header("ETag")!)).Expect(NotModified);
        await PutAsync("umbrella", 2).Expect(OK);
        await _customer.GetAsync("/api/v1/cart", ("If-None-Match", cart.Header("ETag")!)).Expect(OK);
    }

    [Fact]
    public async Task A_cart_belongs_to_one_session()
    {
        await PutAsync("umbrella", 1).Expect(OK);
        using var other = await shop.Host.CustomerAsync();
        Assert.Equal("[]", Items(await other.GetAsync("/api/v1/cart").Expect(OK)));

        await _customer.LogInAsync();
        Assert.Equal("[]", Items(await CartAsync()));
    }

    [Theory]
    [InlineData("GET", "/api/v1/cart")]
    [InlineData("PUT", "/api/v1/cart/items/umbrella")]
    [InlineData("DELETE", "/api/v1/cart/items/umbrella")]
    public async Task Without_a_session_there_is_no_cart(string method, string path) =>
        await shop.Host.Anonymous().SendAsync(new HttpMethod(method), path, method is "PUT" ? new { quantity = 1 } : null).ExpectProblem(Unauthorized, "unauthorized");

    private static string Items(Reply cart) => cart.Body["items"]!.ToJsonString();

    private Task<Reply> CartAsync() => _customer.GetAsync("/api/v1/cart").Expect(OK);

    private Task<Reply> PutAsync(string sku, int quantity, params (string, string)[] headers) =>
        _customer.SendAsync(HttpMethod.Put, $"/api/v1/cart/items/{sku}", new JsonObject { ["quantity"] = quantity }, headers);

    private Task<Reply> RemoveAsync(string sku, params (string, string)[] headers) =>
        _customer.SendAsync(HttpMethod.Delete, $"/api/v1/cart/items/{sku}", null, headers);
}
