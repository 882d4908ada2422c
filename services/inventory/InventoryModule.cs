using Shop.BuildingBlocks.Caching;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Inventory.Catalogue;
using Shop.Inventory.Facts;
using Shop.Inventory.Products;
using Shop.Inventory.Reservations;
using Shop.Inventory.Stock;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory;

/// <summary>Inventory as a module: its own process and the all-in-one host start it through the same two methods.</summary>
public static class InventoryModule
{
    public static void AddInventory(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<InventoryOptions>().BindConfiguration(InventoryOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddStorageProblems();
        builder.AddDatabase<InventoryDbContext>();
        builder.Services.AddLockProblems();
        builder.AddFencedLocks<InventoryDbContext>();
        builder.Services.AddSingleton<StockTaking>();
        builder.AddCaching();
        builder.Services.AddSingleton<ProductCache>();
        builder.Services.AddSingleton<EdgeLifetime>();

        // Found when the first change comes: the database, which writes the lane, is made before what is made of the database.
        builder.Services.AddSingleton(services => new DirectDestination(
            ProductCache.Lane, (envelope, cancellationToken) => services.GetRequiredService<ProductCache>().TellAsync(envelope, cancellationToken)));
        builder.Services.AddHostedService<CatalogueLoader>(); // after the schema is there, before the first message comes in
        builder.Services.AddDecisions();
        builder.AddParticipant<InventoryDbContext, StockOperations>(ServiceNames.Inventory, ServiceNames.Ordering, ServiceNames.Payments);
        builder.AddJobs<InventoryDbContext>(ServiceNames.Inventory);
    }

    public static void MapInventory(this IEndpointRouteBuilder routes)
    {
        routes.MapProducts();
        routes.MapStock();
        routes.MapInventoryFacts();
        routes.MapProductOperations();
        routes.MapCacheOperations();
        routes.MapParticipant<InventoryDbContext>();
        routes.MapMessaging<InventoryDbContext>();
        routes.MapAudit<InventoryDbContext>();
        routes.MapJobs<InventoryDbContext>();
    }
}
