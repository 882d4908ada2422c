namespace Shop.BuildingBlocks.Locks;

/// <summary>An entry of <c>/v1/kv/:key</c>, as far as it is used: the session that holds it, or null.</summary>
internal sealed record ConsulKey(string? Session);
