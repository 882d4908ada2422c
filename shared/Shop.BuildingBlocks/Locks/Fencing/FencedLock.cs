namespace Shop.BuildingBlocks.Locks.Fencing;

/// <summary>A lock with the token that the guarded database issued after it was acquired. Disposed, it is given back.</summary>
/// <remarks>It may be lost at any moment after any look at it; <see cref="Fences.PassFenceAsync"/> is what makes a write safe.</remarks>
public sealed class FencedLock : IAsyncDisposable
{
    private readonly ILockHandle _held;

    internal FencedLock(ILockHandle held, long token) => (_held, Token) = (held, token);

    public string Resource => _held.Resource;

    /// <summary>Higher than that of every holder before, in this database.</summary>
    public long Token { get; }

    /// <inheritdoc cref="ILockHandle.Lost"/>
    public CancellationToken Lost => _held.Lost;

    /// <exception cref="LockLostException">The lease has ended, by this process's clock.</exception>
    public void ThrowIfLost()
    {
        if (!_held.IsHeld)
        {
            throw new LockLostException(Resource);
        }
    }

    public ValueTask DisposeAsync() => _held.DisposeAsync();
}
