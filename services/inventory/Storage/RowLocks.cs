using Microsoft.EntityFrameworkCore;
using Shop.Inventory.Products;
using Shop.Inventory.Reservations;
using Shop.Inventory.Stock;

namespace Shop.Inventory.Storage;

/// <summary>Loads the rows a transaction is about to change, in key order.</summary>
/// <remarks>SQLite has one writer, so the order is all there is to it; a database with row locks adds <c>FOR UPDATE</c> here, nowhere else.</remarks>
internal static class RowLocks
{
    public static Task<Product> LockProductAsync(this InventoryDbContext db, string sku, CancellationToken cancellationToken) =>
        db.Products.SingleAsync(p => p.Sku == sku, cancellationToken);

    public static Task<Dictionary<long, Reservation>> LockReservationsAsync(
        this InventoryDbContext db, IReadOnlyCollection<long> orderIds, CancellationToken cancellationToken) => db.Reservations
            .Where(r => orderIds.Contains(r.OrderId))
            .OrderBy(r => r.OrderId)
            .ToDictionaryAsync(r => r.OrderId, cancellationToken);

    public static Task<Dictionary<string, StockItem>> LockStockAsync(
        this InventoryDbContext db, IReadOnlyCollection<string> skus, CancellationToken cancellationToken) => db.Stock
            .Where(i => skus.Contains(i.Sku))
            .OrderBy(i => i.Sku)
            .ToDictionaryAsync(i => i.Sku, cancellationToken);
}
