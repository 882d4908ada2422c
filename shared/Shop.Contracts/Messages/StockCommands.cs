using System.Text.Json.Serialization;

namespace Shop.Contracts.Messages;

/// <summary>So many pieces of one article.</summary>
public sealed record StockLine(string Sku, int Quantity);

/// <summary>Hold every line of the order, or none.</summary>
/// <param name="ExpiresAt">From then on the holder asks what was decided, instead of waiting to be told; null where it is always told.</param>
public sealed record ReserveStock(
    long OrderId,
    IReadOnlyList<StockLine> Lines,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ExpiresAt = null) : OrderMessage(OrderId);

/// <summary>What was held leaves the shelf: sold.</summary>
public sealed record TakeStock(long OrderId) : OrderMessage(OrderId);

/// <summary>Undo the order's reservation, held or sold; if it has not arrived yet, shut it out.</summary>
public sealed record ReleaseStock(long OrderId) : OrderMessage(OrderId);
