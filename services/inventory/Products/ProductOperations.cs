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
        operations.MapPut("/products/{sku}", PutAsync);
        operations.MapPost("/stock/{sku}/receipts", ReceiveAsync);
        operations.MapPost("/stock/{sku}/takes", TakeStockAsync);
    }

    internal static async Task<IResult> PutAsync(
        string sku, ProductChange change, Database<InventoryDbContext> database, CancellationToken cancellationToken)
    {
        if (change.Errors(sku) is { Count: > 0 } errors)
        {
            return Problems.Validation(errors);
        }

        var (product, isNew) = await database.WriteAsync(
            async db =>
            {
                // Whoever inserts the empty stock row creates the product; two operators who try at once get one product, changed once.
                var isNew = await db.ClaimSkuAsync(sku, cancellationToken);
                var product = isNew
                    ? db.Add(Product.Create(sku, change.Name, change.Description, change.Price)).Entity
                    : await db.LockProductAsync(sku, cancellationToken);
                if (!isNew)
                {
                    product.Change(change.Name, change.Description, change.Price);
                }

                db.Send(ServiceNames.Ordering, product.ToMessage());
                return (product, isNew);
            },
            cancellationToken);

        return isNew ? TypedResults.Created($"/api/v1/products/{sku}", product.ToSnapshot()) : TypedResults.Ok(product.ToSnapshot());
    }

    internal static async Task<IResult> ReceiveAsync(
        string sku, StockReceipt request, Database<InventoryDbContext> database, TimeProvider clock, CancellationToken cancellationToken)
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
