namespace Shop.BuildingBlocks.Alarms;

/// <summary>What can be wrong.</summary>
public static class AlarmCauses
{
    /// <summary>It was tried as often as it may be.</summary>
    public const string Failed = "failed";

    /// <summary>It should have begun.</summary>
    public const string Late = "late";

    /// <summary>It should have ended.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>Something waits for a person.</summary>
    public const string Waiting = "waiting";
}
