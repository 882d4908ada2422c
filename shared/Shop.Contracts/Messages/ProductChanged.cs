namespace Shop.Contracts.Messages;

/// <summary>A product was added or changed. An older version than the one known is ignored.</summary>
public sealed record ProductChanged(string Sku, string Name, Money Price, long Version) : Message;
