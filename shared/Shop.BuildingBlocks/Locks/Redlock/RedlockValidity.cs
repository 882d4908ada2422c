namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>Step 3: how long the lock counts as held, which is its time to live, less what asking took, less what clocks may differ in running.</summary>
/// <remarks>The nodes measure their time to live by their wall clocks: a clock that is set forward by more than the drift ends a key early, unseen from here.</remarks>
internal static class RedlockValidity
{
    private const double DriftFactor = 0.01;

    // Redis expires keys with a millisecond's precision, at both ends.
    private static readonly TimeSpan LeastDrift = TimeSpan.FromMilliseconds(2);

    /// <param name="since">Step 1's time: what asking takes passes from there on.</param>
    public static Validity Of(long since, TimeSpan timeToLive) => new(since, timeToLive - (timeToLive * DriftFactor) - LeastDrift);
}
