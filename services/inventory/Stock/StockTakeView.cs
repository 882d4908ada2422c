using System.Globalization;

namespace Shop.Inventory.Stock;

/// <summary>A booked count as operators see it.</summary>
internal sealed record StockTakeView(string TakeId, string Sku, long Book, long Counted, long Difference, string Token, string Who, DateTimeOffset At)
{
    public static StockTakeView Of(StockTake take) => new(
        take.Id, take.Sku, take.Book, take.Counted, take.Difference, take.Token.ToString(CultureInfo.InvariantCulture), take.Who, take.At);
}
