namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>Step 5: who found no majority waits a random time. Several that ask at once may split the nodes between them, and again if they came back together.</summary>
internal sealed class RedlockRetry(Random random)
{
    public TimeSpan Next(TimeSpan longest)
    {
        lock (random)
        {
            return longest * (1 - random.NextDouble()); // never zero: that would spin
        }
    }
}
