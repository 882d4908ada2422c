using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory.Products;
using Shop.Inventory.Stock;
using Shop.Inventory.Storage;

namespace Shop.Inventory.Catalogue;

/// <summary>Fills an empty database once, in one transaction: a crash in the middle leaves it empty, and the next start tries again.</summary>
/// <remarks>A file that changes later changes nothing: from then on products are the operator's.</remarks>
internal sealed partial class CatalogueLoader(
    Database<InventoryDbContext> database, IOptions<InventoryOptions> options, TimeProvider clock, ILogger<CatalogueLoader> logger) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private const string Embedded = "Shop.Inventory.Catalogue.catalogue.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var file = Open();
        var items = await JsonSerializer.DeserializeAsync<IReadOnlyList<CatalogueItem>>(file, Json, cancellationToken) ?? [];
        while (true)
        {
            try
            {
                if (await database.WriteAsync(db => LoadAsync(db, items, cancellationToken), cancellationToken))
                {
                    Log.Loaded(logger, items.Count);
                }

                return;
            }
            catch (Exception exception) when (database.IsShared && (exception.IsConflict() || exception.IsTransient()))
            {
                // Another replica fills it at this moment: looked at again, it is full.
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<bool> LoadAsync(InventoryDbContext db, IReadOnlyList<CatalogueItem> items, CancellationToken cancellationToken)
    {
        if (await db.Products.AnyAsync(cancellationToken))
        {
            return false;
        }

        db.AddRange(items.Select(item => Product.Create(item.Sku, item.Name, item.Description, item.Price)));
        db.AddRange(items.Select(item => StockItem.Create(item.Sku, item.Stock)));
        return true;
    }

    private Stream Open() => options.Value.Catalogue is { } path
        ? File.OpenRead(path)
        : typeof(CatalogueLoader).Assembly.GetManifestResourceStream(Embedded)!;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "The empty database was filled with {Count} products")]
        public static partial void Loaded(ILogger logger, int count);
    }
}
