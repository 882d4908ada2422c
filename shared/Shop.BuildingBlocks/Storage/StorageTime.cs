namespace Shop.BuildingBlocks.Storage;

/// <summary>The clock in the resolution in which times are stored.</summary>
public static class StorageTime
{
    /// <summary>Now, in whole milliseconds, so that what is answered at once equals what a repeat reads from the database.</summary>
    public static DateTimeOffset GetStorageTime(this TimeProvider clock) =>
        DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
}
