using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Internal;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Catalogue;
using Shop.Inventory.Storage;
using static Shop.IntegrationTests.Inventory.StockOperationTests;

namespace Shop.IntegrationTests.Inventory;

public sealed class CatalogueTests
{
    [Fact]
    public async Task An_empty_database_gets_the_catalogue_that_comes_with_the_service()
    {
        using var directory = new TempDirectory();
        await using var service = await InventoryHost.StartServiceAsync(directory, catalogue: null);

        var products = await service.GetAsync<List<ProductSnapshot>>("/internal/products");

        Assert.True(products.Count >= 100, $"{products.Count} products");
        Assert.All(products, product => Assert.Equal("EUR", product.Price.Currency));
    }

    [Fact]
    public async Task A_database_with_products_is_left_as_it_is()
    {
        using var directory = new TempDirectory();
        var file = Path.Combine(directory.Path, "catalogue.json");
        await WriteAsync(file, new CatalogueItem("cup", "Cup", "", new Money(1_00, "EUR"), 5));
        await using (var first = await InventoryHost.StartServiceAsync(directory, file))
        {
            await first.AskAsync(Reserve(1, ("cup", 2)));
        }

        await WriteAsync(file, new CatalogueItem("cup", "Cup", "", new Money(1_00, "EUR"), 5), new CatalogueItem("pot", "Pot", "", new Money(1_00, "EUR"), 5));
        await using var second = await InventoryHost.StartServiceAsync(directory, file);

        var stock = (await second.GetAsync<List<InventoryFact>>("/internal/facts")).Select(f => f.Stock).OfType<StockFact>();
        Assert.Equal([new StockFact("cup", Available: 3, Reserved: 2, Sold: 0, Received: 5)], stock);
    }

    [Fact]
    public async Task A_catalogue_that_breaks_off_leaves_nothing_so_that_the_next_start_can_load_it()
    {
        using var directory = new TempDirectory();
        var file = Path.Combine(directory.Path, "catalogue.json");
        var (cup, pot) = (new CatalogueItem("cup", "Cup", "", new Money(1_00, "EUR"), 5), new CatalogueItem("pot", "Pot", "", new Money(1_00, "EUR"), 5));
        await WriteAsync(file, cup);
        await using (var first = await InventoryHost.StartServiceAsync(directory, file))
        {
            await first.Get<Database<InventoryDbContext>>().WriteAsync(db => db.Products.ExecuteDeleteAsync(), CancellationToken.None);
        }

        // The products go in, then the stock of the cup, which is still there, breaks the load.
        await WriteAsync(file, pot, cup);
        await Assert.ThrowsAsync<DbUpdateException>(() => InventoryHost.StartServiceAsync(directory, file));

        await WriteAsync(file, pot);
        await using var service = await InventoryHost.StartServiceAsync(directory, file);
        Assert.Equal("pot", Assert.Single(await service.GetAsync<List<ProductSnapshot>>("/internal/products")).Sku);
    }

    [Fact]
    public async Task A_catalogue_file_that_is_not_there_stops_the_service_from_starting()
    {
        using var directory = new TempDirectory();

        var error = await Assert.ThrowsAnyAsync<Exception>(() => InventoryHost.StartServiceAsync(directory, "/nowhere/catalogue.json"));

        Assert.Contains("Inventory:Catalogue", error.Message, StringComparison.Ordinal);
    }

    private static Task WriteAsync(string file, params CatalogueItem[] items) =>
        File.WriteAllTextAsync(file, JsonSerializer.Serialize(items, JsonSerializerOptions.Web));
}
