namespace Shop.BuildingBlocks.Locks;

/// <summary>Locks by name, shared by every process that asks the same servers: at most one holder at a time, as far as the backend can promise.</summary>
/// <remarks>
/// No lock with a lease can promise more than efficiency: a holder that is paused goes on after its lease has ended, and nobody can stop it but the
/// data it writes to. What must stay correct is written through <see cref="Fencing.FencedLocks{TContext}"/>. Locks are not re-entrant, not even within
/// one asynchronous flow: whoever holds one and asks for it again waits for himself, until his patience ends. (M. Kleppmann, "How to do distributed locking", 2016.)
/// </remarks>
public interface ILocks
{
    /// <summary>Waits for the lock; null when others have kept it for as long as <paramref name="patience"/> lasts. What was acquired when the wait is
    /// cancelled is given back.</summary>
    /// <param name="resource">What is locked, in this shop: 1 to <see cref="LockOptions.MaxResourceLength"/> characters.</param>
    /// <exception cref="LockUnavailableException">The servers that keep the lock do not answer, or too few of them do.</exception>
    Task<ILockHandle?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken);
}
