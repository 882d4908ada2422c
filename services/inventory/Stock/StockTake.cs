namespace Shop.Inventory.Stock;

/// <summary>A count that was booked: what the book said when the count was frozen, what was counted, and the fencing token it was booked with.</summary>
/// <remarks>Its id comes from whoever counted, so that a repeat changes nothing.</remarks>
internal sealed class StockTake(string id, string sku, long book, long counted, long token, string who, DateTimeOffset at)
{
    public string Id { get; private set; } = id;

    public string Sku { get; private set; } = sku;

    public long Book { get; private set; } = book;

    public long Counted { get; private set; } = counted;

    public long Token { get; private set; } = token;

    public string Who { get; private set; } = who;

    public DateTimeOffset At { get; private set; } = at;

    /// <summary>The movement: negative where something is missing.</summary>
    public long Difference => Counted - Book;

    /// <summary>True if both book the same count, whatever the book said.</summary>
    public bool IsSameAs(StockTake other) => (Id, Sku, Counted) == (other.Id, other.Sku, other.Counted);
}
