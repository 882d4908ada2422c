using Shop.BuildingBlocks.Consul;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Locks;

/// <summary>A session of Consul and the key that it holds.</summary>
internal sealed class ConsulLease(ConsulKeys keys, ConsulSession session, string key, TimeProvider clock) : ILease
{
    public Validity Validity => new(clock.GetTimestamp(), session.Remaining);

    public Task<bool> AcquireAsync() => keys.AcquireAsync<object?>(key, session, null, CancellationToken.None);

    /// <summary>For a session that still waits for its key. False when Consul has ended it.</summary>
    public Task<bool> RenewAsync(CancellationToken cancellationToken) => session.RenewAsync(cancellationToken);

    public async Task<Validity?> ExtendAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A session outlives a key that somebody took out by hand.
            return await session.RenewAsync(cancellationToken) && (await keys.FindAsync(key, cancellationToken))?.Session == session.Id ? Validity : null;
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception))
        {
            throw new LockUnavailableException("Consul does not answer.", exception);
        }
    }

    public async Task ReleaseAsync()
    {
        try
        {
            // The key first: a session that ends with a key of its own leaves it closed for the lock delay.
            await keys.ReleaseAsync<object?>(key, session, null, CancellationToken.None);
            await session.DestroyAsync(CancellationToken.None);
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception))
        {
            // It ends by itself when nobody renews it.
        }
    }
}
