namespace Shop.BuildingBlocks.Discovery;

/// <summary>What Consul said, and at which index.</summary>
/// <param name="Value">Null where there is nothing.</param>
/// <param name="WentBack">The index is lower than one that was seen before: Consul has lost or restored its data.</param>
public sealed record ConsulAnswer<T>(T? Value, ulong Index, bool WentBack = false);
