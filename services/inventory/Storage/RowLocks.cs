using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory.Products;
using Shop.Inventory.Reservations;
using Shop.Inventory.Stock;

namespace Shop.Inventory.Storage;

/// <summary>Loads and locks the rows a transaction is about to change, in key order.</summary>
internal static class RowLocks
{
    public static Task<Product> LockProductAsync(this InventoryDbContext db, string sku, CancellationToken cancellationToken) =>
        db.Products.Where(p => p.Sku == sku).ForUpdate().SingleAsync(cancellationToken);

    public static Task<Dictionary<long, Reservation>> LockReservationsAsync(
        this InventoryDbContext db, IReadOnlyCollection<long> orderIds, CancellationToken cancellationToken) => db.Reservations
            .Where(r => orderIds.Contains(r.OrderId))
            .OrderBy(r => r.OrderId)
            .ForUpdate()
            .ToDictionaryAsync(r => r.OrderId, cancellationToken);

    public static Task<Dictionary<string, StockItem>> LockStockAsync(
        this InventoryDbContext db, IReadOnlyCollection<string> skus, CancellationToken cancellationToken) => db.Stock
            .Where(i => skus.Contains(i.Sku))
            .OrderBy(i => i.Sku)
            .ForUpdate()
            .ToDictionaryAsync(i => i.Sku, cancellationToken);
}
