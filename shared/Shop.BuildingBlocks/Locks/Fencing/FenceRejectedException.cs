namespace Shop.BuildingBlocks.Locks.Fencing;

/// <summary>A write came with an older token than the newest of its resource: its holder has lost the lock without knowing it. Nothing was written.</summary>
public sealed class FenceRejectedException(string resource, long token, long newest) : Exception($"{resource}: rejected {token} < {newest}")
{
    public string Resource { get; } = resource;

    public long Token { get; } = token;

    public long Newest { get; } = newest;
}
