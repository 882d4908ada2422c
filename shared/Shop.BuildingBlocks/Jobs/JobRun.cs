namespace Shop.BuildingBlocks.Jobs;

/// <summary>One run of a job, or the record that there was none because an earlier one was not finished.</summary>
public sealed class JobRun(
    long id, string job, string fireId, DateTimeOffset dueAt, string startedBy, DateTimeOffset startedAt, int units, JobRunState state)
{
    /// <summary>Who starts what the schedule starts. No operator can be called that.</summary>
    public const string BySchedule = "(schedule)";

    public long Id { get; private set; } = id;

    public string Job { get; private set; } = job;

    /// <summary>What started it, unique: the job and the time for which it was due, or an operator's wish. A fire that comes twice makes one run.</summary>
    public string FireId { get; private set; } = fireId;

    public DateTimeOffset DueAt { get; private set; } = dueAt;

    public string StartedBy { get; private set; } = startedBy;

    public DateTimeOffset StartedAt { get; private set; } = startedAt;

    public DateTimeOffset? FinishedAt { get; private set; } = state is JobRunState.Skipped ? startedAt : null;

    public JobRunState State { get; private set; } = state;

    public int Units { get; private set; } = units;

    /// <summary>What its units have done, in whatever the job counts.</summary>
    public long Done { get; private set; }

    /// <summary>Why it failed, or why it was skipped.</summary>
    public string? Error { get; private set; }

    /// <summary>All units are through with it.</summary>
    public void Finish(DateTimeOffset now, long done, string? error) =>
        (FinishedAt, Done, Error, State) = (now, done, error, error is null ? JobRunState.Succeeded : JobRunState.Failed);

    /// <summary>Says why it was skipped.</summary>
    public JobRun Because(string reason)
    {
        Error = reason;
        return this;
    }
}

/// <summary>How a run stands. The numbers are stored.</summary>
public enum JobRunState
{
    Running = 1,
    Succeeded = 2,
    Failed = 3,
    Skipped = 4,
}
