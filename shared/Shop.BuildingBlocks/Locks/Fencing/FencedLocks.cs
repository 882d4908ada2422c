using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Locks.Fencing;

/// <summary>Locks for writes to one database, which issues a rising token to each holder and refuses the writes of all but the newest.</summary>
/// <remarks>
/// The order matters: the token is issued after the lock was acquired, so a holder with a lower token acquired it earlier, or has lost it since. It costs one
/// transaction for each acquisition. The token says nothing to any other database.
/// </remarks>
public sealed class FencedLocks<TContext>(ILocks locks, Database<TContext> database)
    where TContext : ShopDbContext
{
    /// <inheritdoc cref="ILocks.TryAcquireAsync"/>
    /// <exception cref="LockLostException">The lock was lost again before its token was issued.</exception>
    public async Task<FencedLock?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await locks.TryAcquireAsync(resource, patience, cancellationToken) is not { } held)
        {
            return null;
        }

        FencedLock? fenced = null;
        try
        {
            var token = await database.WriteOrRepeatAsync(db => db.IssueFenceAsync(resource, cancellationToken), cancellationToken);
            var issued = new FencedLock(held, token);
            issued.ThrowIfLost();
            return fenced = issued;
        }
        finally
        {
            if (fenced is null)
            {
                await held.DisposeAsync();
            }
        }
    }
}
