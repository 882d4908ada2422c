using Microsoft.EntityFrameworkCore;
using Shop.Inventory.Stock;

namespace Shop.Inventory.Storage;

/// <summary>Inserts that a primary key decides: true for the one that got it, false for every other, and no error for either.</summary>
/// <remarks>Where two transactions can write at once, the later one waits here for the commit of the earlier.</remarks>
internal static class Claims
{
    /// <summary>Stores an empty stock row unless the SKU exists.</summary>
    public static async Task<bool> ClaimSkuAsync(this InventoryDbContext db, string sku, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO stock (sku, available, reserved, sold, received, version) VALUES ({sku}, 0, 0, 0, 0, 1)
             ON CONFLICT (sku) DO NOTHING
             """,
            cancellationToken) == 1;

    /// <summary>Stores the receipt unless its id has been used.</summary>
    public static async Task<bool> ClaimReceiptAsync(this InventoryDbContext db, Receipt receipt, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO receipts (id, sku, quantity, at)
             VALUES ({receipt.Id}, {receipt.Sku}, {receipt.Quantity}, {receipt.At.ToUnixTimeMilliseconds()})
             ON CONFLICT (id) DO NOTHING
             """,
            cancellationToken) == 1;
}
