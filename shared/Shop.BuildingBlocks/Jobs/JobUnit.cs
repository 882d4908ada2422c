namespace Shop.BuildingBlocks.Jobs;

/// <summary>A part of a run, which one node at a time works on. The epoch rises with every claim: who holds an older one may write no more.</summary>
/// <remarks>Source of the idea: fencing tokens; here the token is checked in the transaction that it protects.</remarks>
public sealed class JobUnit(long runId, int unit, string job, DateTimeOffset dueAt)
{
    public long RunId { get; private set; } = runId;

    public int Unit { get; private set; } = unit;

    public string Job { get; private set; } = job;

    public JobUnitState State { get; private set; } = JobUnitState.Waiting;

    public long Epoch { get; private set; }

    /// <summary>Who claimed it last. A label: the epoch decides.</summary>
    public string? Node { get; private set; }

    /// <summary>When it may be claimed: at once, after a pause, or when its holder's lease is over.</summary>
    public DateTimeOffset DueAt { get; private set; } = dueAt;

    public int Tries { get; private set; }

    /// <summary>How far it has come, in the job's own words; written with the effects.</summary>
    public string? Progress { get; private set; }

    public long Done { get; private set; }

    public string? Error { get; private set; }

    public void Claim(string node, DateTimeOffset leaseEnd)
    {
        State = JobUnitState.Running;
        Epoch++;
        Tries++;
        Node = node;
        DueAt = leaseEnd;
    }

    public void Complete() => (State, Error) = (JobUnitState.Done, null);

    public void Retry(DateTimeOffset dueAt, string error) => (State, DueAt, Error) = (JobUnitState.Waiting, dueAt, error);

    /// <summary>Its node is leaving in good order: anybody may go on at once, and the try does not count.</summary>
    public void Release(DateTimeOffset now)
    {
        State = JobUnitState.Waiting;
        DueAt = now;
        Tries--;
    }

    public void Fail(string error) => (State, Error) = (JobUnitState.Failed, error);
}

/// <summary>How a unit stands. The numbers are stored.</summary>
public enum JobUnitState
{
    Waiting = 1,
    Running = 2,
    Done = 3,
    Failed = 4,
}
