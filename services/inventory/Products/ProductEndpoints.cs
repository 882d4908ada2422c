using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Caching;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Inventory.Stock;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Products;

internal static class ProductEndpoints
{
    public static void MapProducts(this IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/api/v1/products").WithTags("Products");
        products.MapGet("/", ListAsync)
            .WithName("listProducts")
            .WithSummary("Products by SKU; q finds those whose name or SKU contains it")
            .Refuses(ProblemCatalogue.ValidationFailed);
        products.MapGet("/{sku}", GetAsync)
            .WithName("getProduct")
            .WithSummary("One product; how many are available is for information, an order decides again")
            .Sends(StatusCodes.Status200OK, ConsistencyLevel.Header, "How old the number that is available may be: level=.., staleness-ms=.., source=..")
            .Refuses(ProblemCatalogue.NotFound);

        var snapshots = routes.MapGroup("/internal/products").RequireServiceKey();
        snapshots.MapGet("/", Snapshots);
        snapshots.MapGet("/{sku}", GetSnapshotAsync);
    }

    internal static async Task<PageResult<ProductView>> ListAsync(
        string? q, PageRequest page, ProductCache cache, EdgeLifetime edge, HttpResponse response, CancellationToken cancellationToken)
    {
        var after = page.AfterText() ?? "";
        var wanted = Product.Searchable(q ?? "");
        if (wanted.Contains('\0'))
        {
            return Page.Ok<ProductView>([], next: null); // in no name; PostgreSQL takes the question itself for an error
        }

        var views = wanted == ""
            ? await cache.PageAsync(after, page.Take, cancellationToken)
            : await cache.QueryAsync(after, wanted, page.Take, cancellationToken);
        edge.Allow(response);
        return Page.Ok(views, page, last => Cursor.From(last.Sku));
    }

    internal static async Task<Results<ConditionalOk<ProductView>, ProblemResult>> GetAsync(
        string sku, ProductCache cache, EdgeLifetime edge, HttpResponse response, CancellationToken cancellationToken)
    {
        // What cannot be a SKU is looked for nowhere.
        if (!Sku.IsWellFormed(sku) || await cache.FindAsync(sku, cancellationToken) is not { } found)
        {
            return new ProblemResult(ProblemCatalogue.NotFound);
        }

        response.Headers[ConsistencyLevel.Header] =
            $"level=eventual, staleness-ms={(long)found.StockAge.TotalMilliseconds}, source={(found.From is CacheSource.Origin ? "primary" : "cache")}";
        edge.Allow(response);
        return Conditional.Ok(found.View, found.ETag);
    }

    internal static IAsyncEnumerable<ProductSnapshot> Snapshots(Database<InventoryDbContext> database, CancellationToken cancellationToken) =>
        database.SnapshotAsync(
            db => db.Products
                .OrderBy(p => p.Sku)
                .Select(p => new ProductSnapshot(p.Sku, p.Name, p.Price, p.Version))
                .AsAsyncEnumerable(),
            cancellationToken);

    internal static async Task<Results<Ok<ProductSnapshot>, ProblemResult>> GetSnapshotAsync(
        string sku, Database<InventoryDbContext> database, CancellationToken cancellationToken) =>
        await database.ReadAsync(db => db.Products.SingleOrDefaultAsync(p => p.Sku == sku, cancellationToken), cancellationToken) is { } product
            ? TypedResults.Ok(product.ToSnapshot())
            : new ProblemResult(ProblemCatalogue.NotFound);
}
