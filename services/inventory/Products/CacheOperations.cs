using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Products;

/// <summary>What an operator sees of the caches of this process, and how they are made to read anew everywhere.</summary>
internal static class CacheOperations
{
    public static void MapCacheOperations(this IEndpointRouteBuilder routes)
    {
        var cache = routes.MapGroup("/ops/cache").RequireOperatorKey();
        cache.MapGet("/", (ProductCache products) => products.Report());
        cache.MapDelete("/", (HttpContext context, ProductCache products, Database<InventoryDbContext> database, AuditTrail audit, CancellationToken cancellationToken) =>
            PurgeAsync(null, context, products, database, audit, cancellationToken));
        cache.MapDelete("/products/{sku}", PurgeAsync);
    }

    // 202: it is recorded and will be done, also where Redis is away now.
    internal static async Task<IResult> PurgeAsync(
        string? sku, HttpContext context, ProductCache products, Database<InventoryDbContext> database, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (sku is not null && !Contracts.Sku.IsWellFormed(sku))
        {
            return Problems.NotFound();
        }

        var who = OperatorName.OrUnnamed(context.Request);
        await database.WriteAsync(
            db =>
            {
                products.Purge(db, sku);
                audit.Write(db, who.Value, "purge-cache", sku is null ? "products" : $"product {sku}", before: null, after: null);
                return Task.CompletedTask;
            },
            cancellationToken);
        return TypedResults.Accepted((string?)null);
    }
}
