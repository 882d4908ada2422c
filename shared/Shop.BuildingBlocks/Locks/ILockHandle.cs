namespace Shop.BuildingBlocks.Locks;

/// <summary>A lock that was acquired. It renews itself until it is disposed, which gives it back, or until <see cref="LockOptions.MaxHold"/> has passed.</summary>
/// <remarks>Neither member is proof that nobody else holds the lock now: the process may be paused between the look and what follows it.</remarks>
public interface ILockHandle : IAsyncDisposable
{
    string Resource { get; }

    /// <summary>Cancelled when the lock is lost or may be lost: somebody took it away, its servers did not confirm it in time, or it was held too long.</summary>
    CancellationToken Lost { get; }

    /// <summary>Whether the lease still runs, by this process's monotonic clock: the wall clock may jump, and a timer fires late after a pause.</summary>
    bool IsHeld { get; }
}
