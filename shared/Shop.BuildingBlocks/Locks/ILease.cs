namespace Shop.BuildingBlocks.Locks;

/// <summary>What a backend has granted: how to keep it and how to give it back.</summary>
internal interface ILease
{
    /// <summary>The new validity; null when the lock is somebody else's, or nobody's, by now.</summary>
    /// <exception cref="LockUnavailableException">Nobody knows: the old validity goes on.</exception>
    Task<Validity?> ExtendAsync(CancellationToken cancellationToken);

    /// <summary>Gives back what is still this owner's. What cannot be reached now ends with its time to live.</summary>
    Task ReleaseAsync();
}
