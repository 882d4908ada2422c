namespace Shop.Inventory.Stock;

/// <summary>The stock of one SKU as callers see it.</summary>
internal sealed record StockView(string Sku, long OnHand, long Reserved, long Available, long Version)
{
    public static StockView Of(StockItem item) =>
        new(item.Sku, item.Available + item.Reserved, item.Reserved, item.Available, item.Version);
}
