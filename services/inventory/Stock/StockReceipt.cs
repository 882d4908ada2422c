namespace Shop.Inventory.Stock;

/// <summary>A delivery to book.</summary>
/// <param name="ReceiptId">The caller's name for it: the same id again books nothing.</param>
internal sealed record StockReceipt(string ReceiptId, long Quantity)
{
    private const long MaxQuantity = 1_000_000_000;

    /// <summary>Every error at once; empty when there is none.</summary>
    public Dictionary<string, string[]> Errors()
    {
        var errors = new Dictionary<string, string[]>();
        if (ReceiptId is not { Length: >= 1 and <= 100 })
        {
            errors.Add(nameof(ReceiptId), ["1 to 100 characters."]);
        }

        if (Quantity is not (>= 1 and <= MaxQuantity))
        {
            errors.Add(nameof(Quantity), [$"1 to {MaxQuantity}."]);
        }

        return errors;
    }
}
