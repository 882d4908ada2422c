namespace Shop.BuildingBlocks.Locks;

/// <summary>For how long a lock counts as held, by the monotonic clock.</summary>
/// <param name="Since">The clock's timestamp from before the servers were asked: what the way took is no time of the holder's.</param>
internal sealed record Validity(long Since, TimeSpan Length)
{
    public TimeSpan Left(TimeProvider clock) => Length - clock.GetElapsedTime(Since);
}
