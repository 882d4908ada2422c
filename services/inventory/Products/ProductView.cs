using Shop.Contracts;

namespace Shop.Inventory.Products;

/// <summary>A product as callers see it.</summary>
/// <param name="Available">How many could be ordered when this was read; an order decides again.</param>
internal sealed record ProductView(string Sku, string Name, string Description, Money Price, long Available);
