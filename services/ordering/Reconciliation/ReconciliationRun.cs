namespace Shop.Ordering.Reconciliation;

/// <summary>One comparison of all books. One without an end was cut off, and another one repeats it.</summary>
internal sealed class ReconciliationRun(long id, string startedBy, DateTimeOffset startedAt)
{
    public long Id { get; private set; } = id;

    public string StartedBy { get; private set; } = startedBy;

    public DateTimeOffset StartedAt { get; private set; } = startedAt;

    public DateTimeOffset? FinishedAt { get; private set; }

    public string? Error { get; private set; }

    public long Orders { get; private set; }

    public long InFlight { get; private set; }

    /// <summary>Differences, known ones included.</summary>
    public int Found { get; private set; }

    public int Corrected { get; private set; }

    /// <summary>New proposals.</summary>
    public int Proposed { get; private set; }

    /// <summary>False where there were more suspicions than one run looks into.</summary>
    public bool IsComplete { get; private set; } = true;

    public void Count(long orders, long inFlight, bool isComplete) => (Orders, InFlight, IsComplete) = (orders, inFlight, isComplete);

    public void CountFound(bool corrected, bool proposed)
    {
        Found++;
        Corrected += corrected ? 1 : 0;
        Proposed += proposed ? 1 : 0;
    }

    public void CountMoved() => InFlight++;

    public void Finish(DateTimeOffset now, string? error) => (FinishedAt, Error) = (now, error);
}
