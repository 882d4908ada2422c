using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Inventory.Stock;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Products;

/// <summary>What an operator does to products and stock.</summary>
internal static class ProductOperations
{
    public static void MapProductOperations(this IEndpointRouteBuilder routes)
    {
        var operations = routes.MapGroup("/ops").RequireOperatorKey();
        operations.MapGet("/products/{sku}", GetAsync);
        operations.MapPut("/products/{sku}", PutAsync);
        operations.MapPost("/stock/{sku}/receipts", ReceiveAsync);
        operations.MapPost("/stock/{sku}/takes", TakeStockAsync);
    }

    /// <summary>The product as it is, past all caches, with the version that a change of it names.</summary>
    internal static async Task<Results<ConditionalOk<EditedProduct>, ProblemResult>> GetAsync(
        string sku, Database<InventoryDbContext> database, CancellationToken cancellationToken) =>
        await database.ReadAsync(db => db.Products.SingleOrDefaultAsync(p => p.Sku == sku, cancellationToken), cancellationToken) is { } product
            ? Conditional.Ok(EditedProduct.Of(product), product.Version)
            : new ProblemResult(ProblemCatalogue.NotFound);

    internal static async Task<IResult> PutAsync(
        string sku, ProductChange change, IfMatch ifMatch, HttpContext context, Database<InventoryDbContext> database, ProductCache cache, AuditTrail audit,
        CancellationToken cancellationToken)
    {
        var who = OperatorName.OrUnnamed(context.Request);
        if (change.Errors(sku) is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        return await database.WriteAsync<IResult>(
            async db =>
            {
                // Whoever changes a certain version means a product that exists. Locked here, its version is still the same at the commit.
                if (ifMatch.IsPresent
                    && await db.Products.Where(p => p.Sku == sku).ForUpdate().SingleOrDefaultAsync(cancellationToken) is var meant
                    && (meant is null || !ifMatch.Allows(meant.Version)))
                {
                    return Problems.PreconditionFailed(meant?.Version ?? 0);
                }

                // Whoever inserts the empty stock row creates the product; two operators who try at once get one product, changed once.
                var isNew = await db.ClaimSkuAsync(sku, cancellationToken);
                var product = isNew
                    ? db.Add(Product.Create(sku, change.Name, change.Description, change.Price)).Entity
                    : await db.LockProductAsync(sku, cancellationToken);
                var before = isNew ? null : EditedProduct.Of(product);
                if (!isNew)
                {
                    product.Change(change.Name, change.Description, change.Price);
                }

                db.Send(ServiceNames.Ordering, product.ToMessage());
                cache.Change(db, product);
                audit.Write(db, who.Value, isNew ? "add-product" : "change-product", $"product {sku}", before, EditedProduct.Of(product));
                context.Response.Headers.ETag = ETags.FromVersion(product.Version);
                return isNew ? TypedResults.Created($"/api/v1/products/{sku}", product.ToSnapshot()) : TypedResults.Ok(product.ToSnapshot());
            },
            cancellationToken);
    }

    internal static async Task<IResult> ReceiveAsync(
        string sku, StockReceipt request, Database<InventoryDbContext> database, ProductCache cache, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (request.Errors() is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        var receipt = new Receipt(request.ReceiptId, sku, request.Quantity, clock.GetStorageTime());
        return await database.WriteAsync<IResult>(
            async db =>
            {
                if ((await db.LockStockAsync([sku], cancellationToken)).GetValueOrDefault(sku) is not { } item)
                {
                    return Problems.NotFound();
                }

                if (await db.ClaimReceiptAsync(receipt, cancellationToken))
                {
                    item.Receive(receipt.Quantity);
                    cache.Move(db, [sku]);
                }
                else if (await db.Receipts.FindAsync([receipt.Id], cancellationToken) is not { } known || !known.IsSameAs(receipt))
                {
                    return Problems.IdempotencyKeyReused();
                }

                return TypedResults.Ok(StockView.Of(item));
            },
            cancellationToken);
    }

    internal static async Task<IResult> TakeStockAsync(
        string sku, StockCount count, OperatorName who, StockTaking taking, CancellationToken cancellationToken) =>
        count.Errors() is { Count: > 0 } errors ? Problems.Validation(errors) : await taking.TakeAsync(sku, count, who, cancellationToken);
}

/// <summary>A product as an operator changes it.</summary>
internal sealed record EditedProduct(string Sku, string Name, string Description, Money Price, long Version)
{
    public static EditedProduct Of(Product product) => new(product.Sku, product.Name, product.Description, product.Price, product.Version);
}
