using System.Text.Json;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using Shop.Inventory;
using Shop.Inventory.Catalogue;
using Shop.Inventory.Storage;

namespace Shop.IntegrationTests.Inventory;

/// <summary>Inventory with a catalogue of a few SKUs in a database of its own.</summary>
internal sealed class InventoryHost : IAsyncDisposable
{
    private readonly TempDirectory _directory;

    private InventoryHost(TempDirectory directory, ServiceHost service)
    {
        _directory = directory;
        Service = service;
    }

    public ServiceHost Service { get; }

    public static Task<InventoryHost> StartAsync(params (string Sku, long Stock)[] stock) => StartAsync(CatalogueOf(stock));

    public static Task<InventoryHost> StartAsync((string Key, string Value) setting, params (string Sku, long Stock)[] stock) =>
        StartAsync(CatalogueOf(stock), setting);

    public static async Task<InventoryHost> StartAsync(IReadOnlyList<CatalogueItem> catalogue, params (string Key, string Value)[] settings)
    {
        var directory = new TempDirectory();
        var file = Path.Combine(directory.Path, "catalogue.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(catalogue, JsonSerializerOptions.Web));
        return new InventoryHost(directory, await StartServiceAsync(directory, file, settings));
    }

    public static Task<ServiceHost> StartServiceAsync(TempDirectory directory, string? catalogue, params (string Key, string Value)[] settings) =>
        ServiceHost.StartAsync(
            ServiceNames.Inventory,
            builder => builder.AddInventory(),
            app => app.MapInventory(),
            Path.Combine(directory.Path, "inventory.db"),
            new(settings.ToDictionary(s => s.Key, s => (string?)s.Value)) { ["Inventory:Catalogue"] = catalogue, ["Messaging:TriesAlone"] = "2" });

    public Task<IReadOnlyList<OperationAnswered>> AskAsync(params IReadOnlyList<Message> messages) => Service.AskAsync(messages);

    public async Task<OperationAnswered> AskOneAsync(Message message) => (await Service.AskAsync(message))[0];

    public async Task<(long Available, long Reserved, long Sold)> StockAsync(string sku)
    {
        var facts = await Service.GetAsync<List<InventoryFact>>("/internal/facts");
        var stock = facts.Single(f => f.Stock?.Sku == sku).Stock!;
        return (stock.Available, stock.Reserved, stock.Sold);
    }

    public Task<List<BuildingBlocks.Messaging.DeadLetter>> DeadLettersAsync() => Service.DeadLettersAsync<InventoryDbContext>();

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _directory.Dispose();
    }

    private static List<CatalogueItem> CatalogueOf((string Sku, long Stock)[] stock) =>
        [.. stock.Select(s => new CatalogueItem(s.Sku, $"A {s.Sku}", "Nice.", new Money(10_00, "EUR"), s.Stock))];
}
