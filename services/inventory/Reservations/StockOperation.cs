using Shop.Contracts.Messages;

namespace Shop.Inventory.Reservations;

/// <summary>One thing asked of the stock for one order, whatever protocol asks.</summary>
/// <param name="Name">One of <see cref="OperationNames"/>.</param>
/// <param name="Lines">What to hold; only a reserve says so, the others go by what was held.</param>
internal sealed record StockOperation(string Name, long OrderId, IReadOnlyList<StockLine> Lines)
{
    public static StockOperation Take(long orderId) => new(OperationNames.Take, orderId, []);

    public static StockOperation Release(long orderId) => new(OperationNames.Release, orderId, []);

    /// <exception cref="ArgumentException">No caller may ask for this: refusing it would blame the stock for a bug.</exception>
    public static StockOperation Reserve(long orderId, IReadOnlyList<StockLine> lines)
    {
        if (lines.Count == 0 || lines.Any(l => l.Quantity <= 0) || lines.DistinctBy(l => l.Sku).Count() != lines.Count)
        {
            throw new ArgumentException($"Order {orderId} must name at least one SKU, each once and with a positive quantity.", nameof(lines));
        }

        return new(OperationNames.Reserve, orderId, lines);
    }
}
