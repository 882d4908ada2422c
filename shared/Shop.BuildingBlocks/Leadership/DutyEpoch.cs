namespace Shop.BuildingBlocks.Leadership;

/// <summary>The newest epoch of a duty, in the database that its leader writes to: the fence.</summary>
/// <remarks>It tells who was the last to begin, not whether that one still leads.</remarks>
public sealed class DutyEpoch(string duty, long epoch, string holder, DateTimeOffset since)
{
    public string Duty { get; private set; } = duty;

    public long Epoch { get; private set; } = epoch;

    /// <summary>The process that began it.</summary>
    public string Holder { get; private set; } = holder;

    public DateTimeOffset Since { get; private set; } = since;

    /// <summary>Writes with an older epoch that were refused here, ever.</summary>
    public long Refused { get; private set; }
}
