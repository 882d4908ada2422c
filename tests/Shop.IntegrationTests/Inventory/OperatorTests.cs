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

    private static Task<HttpResponseMessage> PutAsync(InventoryHost inventory, string sku, object product) =>
        inventory.Service.Client.PutAsJsonAsync($"/ops/products/{sku}", product);

    private static Task<HttpResponseMessage> ReceiveAsync(InventoryHost inventory, string sku, string receiptId, long quantity) =>
        inventory.Service.Client.PostAsJsonAsync($"/ops/stock/{sku}/receipts", new { receiptId, quantity });
}
