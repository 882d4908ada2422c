namespace Shop.Ordering.Invariants;

/// <summary>What the checker found: for each invariant whether it holds, and the rows that prove it does not.</summary>
/// <param name="InFlight">Orders without a final status, or that moved while they were looked at: neither right nor wrong yet.</param>
/// <param name="NeedsAttention">Orders that wait for a human, listed apart, the first thousand of them.</param>
internal sealed record InvariantReport(
    bool Holds,
    DateTimeOffset CheckedAt,
    long Orders,
    IReadOnlyDictionary<string, long> OrdersByStatus,
    long InFlight,
    IReadOnlyList<string> NeedsAttention,
    IReadOnlyList<InvariantVerdict> Invariants);

/// <param name="Violations">All of them, counted.</param>
/// <param name="Examples">The first of them, with the rows.</param>
internal sealed record InvariantVerdict(int Number, string Name, bool Holds, long Checked, long Violations, IReadOnlyList<Violation> Examples);

/// <summary>One violation in a sentence, and the facts that contradict each other.</summary>
internal sealed record Violation(string What, IReadOnlyList<object?> Evidence);
