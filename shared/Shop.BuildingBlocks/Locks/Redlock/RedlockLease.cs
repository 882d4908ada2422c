namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>A key that a majority of the nodes has granted.</summary>
internal sealed class RedlockLease(RedlockNodes nodes, string key, string value, TimeSpan timeToLive, TimeProvider clock) : ILease
{
    public async Task<Validity?> ExtendAsync(CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        var votes = await RedlockExtend.RunAsync(nodes, key, value, timeToLive);
        if (votes.Yes >= nodes.Quorum)
        {
            return RedlockValidity.Of(since, timeToLive);
        }

        // Where those that are away could still make a majority, the lock may be held: the old validity decides.
        return votes.Yes + votes.Away >= nodes.Quorum
            ? throw new LockUnavailableException($"{votes.Away} of {nodes.Count} lock nodes do not answer.")
            : null;
    }

    public Task ReleaseAsync() => RedlockRelease.RunAsync(nodes, key, value);
}
