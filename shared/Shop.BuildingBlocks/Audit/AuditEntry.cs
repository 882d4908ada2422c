namespace Shop.BuildingBlocks.Audit;

/// <summary>Who did what to what, and how it looked before and after. Written once, with the change itself.</summary>
public sealed class AuditEntry(long id, DateTimeOffset at, string who, string action, string subject, string? before, string? after)
{
    public long Id { get; private set; } = id;

    public DateTimeOffset At { get; private set; } = at;

    public string Who { get; private set; } = who;

    public string Action { get; private set; } = action;

    public string Subject { get; private set; } = subject;

    /// <summary>JSON.</summary>
    public string? Before { get; private set; } = before;

    /// <summary>JSON.</summary>
    public string? After { get; private set; } = after;
}
