namespace Shop.Contracts.Internal;

/// <summary>What ordering keeps of a product: enough to price an order while inventory is away.</summary>
public sealed record ProductSnapshot(string Sku, string Name, Money Price, long Version);
