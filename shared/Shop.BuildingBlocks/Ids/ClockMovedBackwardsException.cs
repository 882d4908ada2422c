namespace Shop.BuildingBlocks.Ids;

/// <summary>The clock stands further behind the ids already issued than a caller can be asked to wait.</summary>
/// <remarks>No id was issued. Ids flow again when the clock has caught up; nothing has to be restarted, and a restart would lose the guard.</remarks>
public sealed class ClockMovedBackwardsException(DateTimeOffset clock, TimeSpan behind)
    : Exception($"The clock ({clock:O}) stands {behind.TotalMilliseconds:F0} ms behind the ids already issued.")
{
    /// <summary>How far the clock stands behind the newest id.</summary>
    public TimeSpan Behind { get; } = behind;
}
