using System.Text.Json;
using Shop.Contracts;

namespace Shop.Ordering.Reconciliation;

/// <summary>A difference that was found, what is suggested about it, and what became of that.</summary>
internal sealed class Difference
{
    private Difference()
    {
    }

    /// <summary>Kind, subject and occurrence: a correction is recorded under it, so that it happens once however often it is tried.</summary>
    public string Id { get; private set; } = "";

    public string Kind { get; private set; } = "";

    public string Subject { get; private set; } = "";

    /// <summary>What was put right may go wrong again; that is another difference.</summary>
    public int Occurrence { get; private set; }

    public string What { get; private set; } = "";

    public string Evidence { get; private set; } = "";

    public string Correction { get; private set; } = "";

    public long? CustomerId { get; private set; }

    public long? Amount { get; private set; }

    public string? Currency { get; private set; }

    public bool Automatic { get; private set; }

    public DifferenceState State { get; private set; }

    public string FoundBy { get; private set; } = "";

    public DateTimeOffset FoundAt { get; private set; }

    public long FirstRun { get; private set; }

    public long LastRun { get; private set; }

    public string? DecidedBy { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public string? Outcome { get; private set; }

    public bool IsOpen => State is DifferenceState.Proposed or DifferenceState.Approved;

    public static Difference Of(Finding finding, int occurrence, string correction, string by, long run, DateTimeOffset now) => new()
    {
        Id = $"{finding.Kind}:{finding.Subject}:{occurrence}",
        Kind = finding.Kind,
        Subject = finding.Subject,
        Occurrence = occurrence,
        What = finding.What,
        Evidence = EvidenceOf(finding),
        Correction = correction,
        CustomerId = finding.CustomerId,
        Amount = finding.Amount?.Amount,
        Currency = finding.Amount?.Currency,
        Automatic = finding.Automatic,
        State = finding.Automatic ? DifferenceState.Approved : DifferenceState.Proposed,
        FoundBy = by,
        FoundAt = now,
        FirstRun = run,
        LastRun = run,
    };

    public static string EvidenceOf(Finding finding) => JsonSerializer.Serialize(finding.Evidence, finding.Evidence.GetType(), JsonSerializerOptions.Web);

    public Money AmountOwed => new(
        Amount ?? throw new InvalidOperationException($"{Id} has no amount."), Currency ?? throw new InvalidOperationException($"{Id} has no currency."));

    /// <summary>What is found now would be put right by the same correction. Other differences of the order may have come or gone meanwhile.</summary>
    public bool IsSettledAs(Finding finding) => finding.Kind == Kind
        && (finding.Correction == Correction || finding.Alternative == Correction)
        && finding.CustomerId == CustomerId
        && finding.Amount?.Amount == Amount;

    public void SeenBy(long run) => LastRun = run;

    /// <summary>False unless it is proposed.</summary>
    public bool TryDecide(bool approve, string by, DateTimeOffset now) =>
        TryMove(DifferenceState.Proposed, approve ? DifferenceState.Approved : DifferenceState.Rejected, by, now, outcome: null);

    /// <summary>False unless it is approved: somebody else has recorded it.</summary>
    public bool TryFinish(string? refusal) => TryMove(
        DifferenceState.Approved, refusal is null ? DifferenceState.Applied : DifferenceState.Refused, DecidedBy, DecidedAt, refusal);

    /// <summary>False unless it is proposed.</summary>
    public bool TryVanish() => TryMove(DifferenceState.Proposed, DifferenceState.Gone, DecidedBy, DecidedAt, outcome: null);

    private bool TryMove(DifferenceState from, DifferenceState to, string? by, DateTimeOffset? at, string? outcome)
    {
        if (State != from)
        {
            return false;
        }

        (State, DecidedBy, DecidedAt, Outcome) = (to, by, at, outcome);
        return true;
    }
}
