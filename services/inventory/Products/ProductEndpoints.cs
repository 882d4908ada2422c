using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Internal;
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
        products.MapGet("/{sku}", GetAsync).WithName("getProduct").WithSummary("One product").Refuses(ProblemCatalogue.NotFound);

        var snapshots = routes.MapGroup("/internal/products").RequireServiceKey();
        snapshots.MapGet("/", Snapshots);
        snapshots.MapGet("/{sku}", GetSnapshotAsync);
    }

    internal static async Task<PageResult<ProductView>> ListAsync(
        string? q, PageRequest page, Database<InventoryDbContext> database, CancellationToken cancellationToken)
    {
        var after = page.AfterText() ?? "";
        var wanted = Product.Searchable(q ?? "");
        if (wanted.Contains('\0'))
        {
            return Page.Ok<ProductView>([], next: null); // in no name; PostgreSQL takes the question itself for an error
        }

        var views = await database.ReadAsync(
            db =>
            {
                // Contains, not LIKE: to a caller, % and _ are letters.
                var rows =
                    from product in db.Products
                    join stock in db.Stock on product.Sku equals stock.Sku
                    where product.Sku.CompareTo(after) > 0 && (wanted == "" || product.SearchText.Contains(wanted))
                    orderby product.Sku
                    select new ProductView(product.Sku, product.Name, product.Description, product.Price, stock.Available);
                return rows.Take(page.Take).ToListAsync(cancellationToken);
            },
            cancellationToken);

        return Page.Ok(views, page, last => Cursor.From(last.Sku));
    }

    internal static async Task<Results<ConditionalOk<ProductView>, ProblemResult>> GetAsync(
        string sku, Database<InventoryDbContext> database, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            db => (
                from product in db.Products
                join stock in db.Stock on product.Sku equals stock.Sku
                where product.Sku == sku
                select new
                {
                    View = new ProductView(product.Sku, product.Name, product.Description, product.Price, stock.Available),
                    ProductVersion = product.Version,
                    StockVersion = stock.Version,
                }).SingleOrDefaultAsync(cancellationToken),
            cancellationToken);

        return found is null ? new ProblemResult(ProblemCatalogue.NotFound) : Conditional.Ok(found.View, $"\"{found.ProductVersion}.{found.StockVersion}\"");
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
