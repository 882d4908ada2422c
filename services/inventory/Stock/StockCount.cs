namespace Shop.Inventory.Stock;

/// <summary>What an operator has counted of one SKU.</summary>
/// <param name="TakeId">The operator's name for the count: the same id again books nothing.</param>
/// <param name="Counted">All that lies on the shelf now, with what is held for orders.</param>
internal sealed record StockCount(string TakeId, long Counted)
{
    private const long MaxCounted = 1_000_000_000;

    /// <summary>Every error at once; empty when there is none.</summary>
    public Dictionary<string, string[]> Errors()
    {
        var errors = new Dictionary<string, string[]>();
        if (TakeId is not { Length: >= 1 and <= 100 })
        {
            errors.Add(nameof(TakeId), ["1 to 100 characters."]);
        }

        if (Counted is not (>= 0 and <= MaxCounted))
        {
            errors.Add(nameof(Counted), [$"0 to {MaxCounted}."]);
        }

        return errors;
    }
}
