namespace Shop.Contracts.Messages;

/// <summary>So many pieces of one article.</summary>
public sealed record StockLine(string Sku, int Quantity);

/// <summary>Hold every line of the order, or none.</summary>
public sealed record ReserveStock(long OrderId, IReadOnlyList<StockLine> Lines) : OrderMessage(OrderId);

/// <summary>What was held leaves the shelf: sold.</summary>
public sealed record TakeStock(long OrderId) : OrderMessage(OrderId);

/// <summary>Undo the order's reservation, held or sold; if it has not arrived yet, shut it out.</summary>
public sealed record ReleaseStock(long OrderId) : OrderMessage(OrderId);
