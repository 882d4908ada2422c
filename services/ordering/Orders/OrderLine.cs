using Shop.Contracts;

namespace Shop.Ordering.Orders;

/// <summary>One article of an order, at the name and price of the moment it was ordered.</summary>
internal sealed record OrderLine(string Sku, string Name, int Quantity, Money UnitPrice);
