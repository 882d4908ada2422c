namespace Shop.BuildingBlocks.Jobs;

/// <summary>What all nodes know of a job: whether it is paused, and since when its schedule counts. Its row is what fires, pauses and wishes queue for.</summary>
public sealed class JobRow(string name, string cron, DateTimeOffset since)
{
    public string Name { get; private set; } = name;

    public string Cron { get; private set; } = cron;

    /// <summary>Fires before this time are nobody's business: the schedule was another one then, or the job was paused.</summary>
    public DateTimeOffset Since { get; private set; } = since;

    public DateTimeOffset? PausedAt { get; private set; }

    public string? PausedBy { get; private set; }

    /// <summary>The last fire that came while it was paused.</summary>
    public DateTimeOffset? MissedAt { get; private set; }

    public void Reschedule(string cron, DateTimeOffset now) => (Cron, Since) = (cron, now);

    /// <summary>False when it is paused already.</summary>
    public bool TryPause(string by, DateTimeOffset now)
    {
        if (PausedAt is not null)
        {
            return false;
        }

        (PausedAt, PausedBy) = (now, by);
        return true;
    }

    /// <summary>False when it is not paused.</summary>
    public bool TryResume(DateTimeOffset now)
    {
        if (PausedAt is null)
        {
            return false;
        }

        (PausedAt, PausedBy, MissedAt, Since) = (null, null, null, now);
        return true;
    }

    public void Miss(DateTimeOffset dueAt) => MissedAt = dueAt;
}
