using Shop.Contracts;

namespace Shop.Inventory.Catalogue;

/// <summary>One entry of a catalogue file: a product and its initial stock.</summary>
internal sealed record CatalogueItem(string Sku, string Name, string Description, Money Price, long Stock);
