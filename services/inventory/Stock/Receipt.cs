namespace Shop.Inventory.Stock;

/// <summary>A delivery that was booked. Its id comes from whoever books it, so that a repeat adds nothing.</summary>
internal sealed class Receipt(string id, string sku, long quantity, DateTimeOffset at)
{
    public string Id { get; private set; } = id;

    public string Sku { get; private set; } = sku;

    public long Quantity { get; private set; } = quantity;

    public DateTimeOffset At { get; private set; } = at;

    /// <summary>True if both book the same delivery, whenever that was.</summary>
    public bool IsSameAs(Receipt other) => (Id, Sku, Quantity) == (other.Id, other.Sku, other.Quantity);
}
