namespace Shop.BuildingBlocks.Leadership;

/// <summary>That this process leads a duty, since when, and the epoch that its writes carry.</summary>
/// <remarks>
/// <see cref="IsValid"/> is a promise by monotonic time, not a fence: a process that is paused after it looked may act when another one leads.
/// What must not happen twice is written with <see cref="LeaderWrites"/>, which refuses an older epoch in the transaction itself; what goes
/// elsewhere (a mail, another service) must be harmless when repeated. A lead that was lost does not come back: the next one has a higher epoch.
/// </remarks>
public sealed class Lead
{
    private readonly Func<bool> _isHeld;

    internal Lead(string duty, long epoch, DateTimeOffset since, Func<bool> isHeld, CancellationToken lost)
    {
        (Duty, Epoch, Since, _isHeld, Lost) = (duty, epoch, since, isHeld, lost);
    }

    public string Duty { get; }

    /// <summary>Higher than that of every lead before, in the database that the duty writes to.</summary>
    public long Epoch { get; }

    public DateTimeOffset Since { get; }

    /// <summary>Cancelled when the lead is lost or given up; work done under it takes this token.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Nobody else can lead yet.</summary>
    public bool IsValid => !Lost.IsCancellationRequested && _isHeld();
}
