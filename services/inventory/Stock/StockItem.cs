using Shop.Contracts.Facts;

namespace Shop.Inventory.Stock;

/// <summary>The counters of one SKU. Whatever happens, available + reserved + sold = received, less what counts found missing.</summary>
/// <remarks>Holding too much is the caller's to prevent with <see cref="CanHold"/>; the other moves only undo or complete a hold, so one
/// that does not fit is a bug and throws.</remarks>
internal sealed class StockItem
{
    private StockItem(string sku, long available, long reserved, long sold, long received, long version)
    {
        Sku = sku;
        Available = available;
        Reserved = reserved;
        Sold = sold;
        Received = received;
        Version = version;
    }

    public string Sku { get; private set; }

    public long Available { get; private set; }

    public long Reserved { get; private set; }

    public long Sold { get; private set; }

    public long Received { get; private set; }

    public long Version { get; private set; }

    public static StockItem Create(string sku, long quantity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantity);
        return new StockItem(sku, available: quantity, reserved: 0, sold: 0, received: quantity, version: 1);
    }

    public bool CanHold(int quantity) => Available >= quantity;

    public void Hold(int quantity) => Move(quantity, available: -1, reserved: +1);

    public void Sell(int quantity) => Move(quantity, reserved: -1, sold: +1);

    public void PutBack(int quantity) => Move(quantity, reserved: -1, available: +1);

    public void Restock(int quantity) => Move(quantity, sold: -1, available: +1);

    public void Receive(long quantity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quantity);
        Received = checked(Received + quantity);
        Available += quantity;
        Version++;
    }

    /// <summary>What a count found missing, or found over. False, without effect, where less than what is held would be left.</summary>
    public bool TryCorrect(long difference)
    {
        if (Available + difference < 0)
        {
            return false;
        }

        Received = checked(Received + difference);
        Available += difference;
        Version += difference == 0 ? 0 : 1;
        return true;
    }

    public StockFact ToFact() => new(Sku, Available, Reserved, Sold, Received);

    private void Move(int quantity, int available = 0, int reserved = 0, int sold = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quantity);
        var left = Available + ((long)available * quantity);
        var held = Reserved + ((long)reserved * quantity);
        var gone = Sold + ((long)sold * quantity);
        if (left < 0 || held < 0 || gone < 0)
        {
            throw new InvalidOperationException($"{quantity} of {Sku} do not fit: {Available} available, {Reserved} reserved, {Sold} sold.");
        }

        (Available, Reserved, Sold) = (left, held, gone);
        Version++;
    }
}
