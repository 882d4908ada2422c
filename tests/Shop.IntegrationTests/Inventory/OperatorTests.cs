using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using static Shop.IntegrationTests.Inventory.StockOperationTests;

namespace Shop.IntegrationTests.Inventory;

public sealed class OperatorTests
{
    private static readonly object Teapot = new { name = "Teapot", description = "Whistles.", price = new { amount = 25_00, currency = "EUR" } };

    [Fact]
    public async Task A_new_product_starts_without_stock_and_ordering_is_told()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var created = await HttpAssert.OkAsync<ProductSnapshot>(await PutAsync(inventory, "teapot", Teapot), HttpStatusCode.Created);

        Assert.Equal(new ProductSnapshot("teapot", "Teapot", new Money(25_00, "EUR"), 1), created);
        Assert.Equal((0, 0, 0), await inventory.StockAsync("teapot"));
        Assert.Equal([new ProductChanged("teapot", "Teapot", new Money(25_00, "EUR"), 1)], await inventory.Service.Transport.NextAsync(1));
    }

    [Fact]
    public async Task A_change_raises_the_version_and_leaves_the_stock_alone()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var changed = await HttpAssert.OkAsync<ProductSnapshot>(await PutAsync(inventory, "cup", Teapot));

        Assert.Equal(2, changed.Version);
        Assert.Equal((5, 0, 0), await inventory.StockAsync("cup"));
        Assert.Equal([new ProductChanged("cup", "Teapot", new Money(25_00, "EUR"), 2)], await inventory.Service.Transport.NextAsync(1));
    }

    [Fact]
    public async Task A_change_that_is_meant_for_another_version_changes_nothing()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        var read = await inventory.Service.Client.GetAsync("/ops/products/cup");
        Assert.Equal("\"1\"", read.Headers.ETag?.Tag);

        var first = await PutAsync(inventory, "cup", Teapot, ifMatch: "\"1\"");
        Assert.Equal((HttpStatusCode.OK, "\"2\""), (first.StatusCode, first.Headers.ETag?.Tag));
        var late = await HttpAssert.ProblemAsync(
            await PutAsync(inventory, "cup", Teapot, ifMatch: "\"1\""), HttpStatusCode.PreconditionFailed, "precondition-failed");
        Assert.Equal(2, (long)late["currentVersion"]!);
        await HttpAssert.ProblemAsync(
            await PutAsync(inventory, "unicorn", Teapot, ifMatch: "*"), HttpStatusCode.PreconditionFailed, "precondition-failed");

        Assert.Equal(2, (await inventory.Service.GetAsync<ProductSnapshot>("/internal/products/cup")).Version);
        await HttpAssert.ProblemAsync(await inventory.Service.Client.GetAsync("/ops/products/unicorn"), HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Of_operators_who_change_the_same_version_one_does()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync(inventory, "cup", Teapot, ifMatch: "\"1\"")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task Who_changed_what_is_recorded_with_the_change()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        await PutAsync(inventory, "cup", Teapot, who: "Ann");
        await HttpAssert.ProblemAsync(await PutAsync(inventory, "cup", Teapot, who: "An n"), HttpStatusCode.BadRequest, "validation-failed");
        var entry = Assert.Single((await inventory.Service.GetAsync<JsonObject>("/ops/audit?subject=product%20cup"))["items"]!.AsArray())!;

        Assert.Equal(("ann", "change-product"), ((string)entry["who"]!, (string)entry["action"]!));
        Assert.Equal((10_00, 25_00), ((int)entry["before"]!["price"]!["amount"]!, (int)entry["after"]!["price"]!["amount"]!));
    }

    [Fact]
    public async Task A_page_shows_a_change_at_once_where_one_process_has_the_database()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await inventory.Service.GetAsync<JsonObject>("/api/v1/products/cup");
        await inventory.Service.GetAsync<JsonObject>("/api/v1/products");
        await HttpAssert.ProblemAsync(await inventory.Service.Client.GetAsync("/api/v1/products/teapot"), HttpStatusCode.NotFound, "not-found");

        await PutAsync(inventory, "cup", Teapot);
        await PutAsync(inventory, "teapot", Teapot);
        await ReceiveAsync(inventory, "cup", "delivery-1", 10);

        var cup = await inventory.Service.GetAsync<JsonObject>("/api/v1/products/cup");
        Assert.Equal(("Teapot", 2500, 15), ((string)cup["name"]!, (int)cup["price"]!["amount"]!, (int)cup["available"]!));
        Assert.Equal(2, (await inventory.Service.GetAsync<JsonObject>("/api/v1/products"))["items"]!.AsArray().Count(item => (string)item!["name"]! == "Teapot"));
        Assert.Equal("Teapot", (string?)(await inventory.Service.GetAsync<JsonObject>("/api/v1/products/teapot"))["name"]);
    }

    [Fact]
    public async Task The_cache_shows_what_it_does_and_is_purged_by_an_operator()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await inventory.Service.GetAsync<JsonObject>("/api/v1/products/cup");
        await inventory.Service.GetAsync<JsonObject>("/api/v1/products/cup");
        Assert.Equal((1, 1), await ProductsAsync());

        foreach (var path in new[] { "/ops/cache", "/ops/cache/products/cup" })
        {
            Assert.Equal(HttpStatusCode.Accepted, (await inventory.Service.Client.DeleteAsync(path)).StatusCode);
        }

        await HttpAssert.ProblemAsync(await inventory.Service.Client.DeleteAsync("/ops/cache/products/-bad-"), HttpStatusCode.NotFound, "not-found");
        await Caching.Until.HoldsAsync(async () =>
        {
            await inventory.Service.GetAsync<JsonObject>("/api/v1/products/cup");
            return (await ProductsAsync()).Loads >= 2;
        });
        Assert.Equal(2, (await inventory.Service.GetAsync<JsonObject>("/ops/audit"))["items"]!.AsArray().Count(entry => (string)entry!["action"]! == "purge-cache"));

        async Task<(int Loads, int Hits)> ProductsAsync()
        {
            var cache = (await inventory.Service.GetAsync<JsonObject>("/ops/cache"))["caches"]!.AsArray().Single(c => (string)c!["name"]! == "products")!;
            return ((int)cache["events"]!["loads"]!, (int)cache["events"]!["localHits"]!);
        }
    }

    [Fact]
    public async Task Operators_who_create_a_product_at_once_make_one()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync(inventory, "teapot", Teapot)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(8, (await inventory.Service.GetAsync<ProductSnapshot>("/internal/products/teapot")).Version);
    }

    [Fact]
    public async Task A_product_that_cannot_be_is_refused_with_every_error_at_once()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var problem = await HttpAssert.ProblemAsync(
            await PutAsync(inventory, "-bad-", new { name = "", description = "", price = new { amount = 0, currency = "USD" } }),
            HttpStatusCode.BadRequest,
            "validation-failed");

        Assert.Equal(["name", "price", "sku"], problem["errors"]!.AsObject().Select(error => error.Key).Order());
    }

    [Fact]
    public async Task A_receipt_that_is_repeated_is_booked_once()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReceiveAsync(inventory, "cup", "delivery-1", 10)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal((15, 0, 0), await inventory.StockAsync("cup"));
    }

    [Fact]
    public async Task A_receipt_under_a_known_id_for_something_else_is_refused()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));
        await ReceiveAsync(inventory, "cup", "delivery-1", 10);

        await HttpAssert.ProblemAsync(
            await ReceiveAsync(inventory, "cup", "delivery-1", 11), HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");

        Assert.Equal((15, 0, 0), await inventory.StockAsync("cup"));
    }

    [Theory]
    [InlineData("unicorn", 1, HttpStatusCode.NotFound, "not-found")]
    [InlineData("cup", 0, HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("cup", -1, HttpStatusCode.BadRequest, "validation-failed")]
    public async Task A_receipt_that_makes_no_sense_is_refused(string sku, long quantity, HttpStatusCode status, string code)
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 5));

        await HttpAssert.ProblemAsync(await ReceiveAsync(inventory, sku, "delivery-1", quantity), status, code);
    }

    [Fact]
    public async Task What_was_received_can_be_ordered()
    {
        await using var inventory = await InventoryHost.StartAsync(("cup", 0));
        var stock = await HttpAssert.OkAsync<JsonObject>(await ReceiveAsync(inventory, "cup", "delivery-1", 1));

        Assert.Equal(1, (long)stock["available"]!);
        Assert.Equal(OperationOutcome.Done, (await inventory.AskOneAsync(Reserve(1, ("cup", 1)))).Outcome);
    }

    private static async Task<HttpResponseMessage> PutAsync(InventoryHost inventory, string sku, object product, string? ifMatch = null, string? who = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/ops/products/{sku}") { Content = JsonContent.Create(product) };
        if (ifMatch is not null)
        {
            request.Headers.IfMatch.ParseAdd(ifMatch);
        }

        if (who is not null)
        {
            request.Headers.Add("Shop-Operator", who);
        }

        return await inventory.Service.Client.SendAsync(request);
    }

    private static Task<HttpResponseMessage> ReceiveAsync(InventoryHost inventory, string sku, string receiptId, long quantity) =>
        inventory.Service.Client.PostAsJsonAsync($"/ops/stock/{sku}/receipts", new { receiptId, quantity });
}
