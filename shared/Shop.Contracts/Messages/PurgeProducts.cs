namespace Shop.Contracts.Messages;

/// <summary>An operator wants what caches hold of a product, or of all when none is named, to be read anew.</summary>
public sealed record PurgeProducts(string? Sku) : Message;
