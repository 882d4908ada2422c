using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Shop.Contracts;

namespace Shop.Ordering.Reconciliation;

/// <summary>A difference as operators see it.</summary>
internal sealed record DifferenceView(
    string Id,
    string Kind,
    string Subject,
    string What,
    JsonNode? Evidence,
    string Correction,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Money? Amount,
    bool Automatic,
    DifferenceState State,
    string FoundBy,
    DateTimeOffset FoundAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DecidedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? DecidedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Outcome)
{
    public static DifferenceView Of(Difference difference) => new(
        difference.Id,
        difference.Kind,
        difference.Subject,
        difference.What,
        JsonNode.Parse(difference.Evidence),
        difference.Correction,
        difference.Amount is null ? null : difference.AmountOwed,
        difference.Automatic,
        difference.State,
        difference.FoundBy,
        difference.FoundAt,
        difference.DecidedBy,
        difference.DecidedAt,
        difference.Outcome);
}

/// <summary>A run as operators see it.</summary>
/// <param name="FinishedAt">Null while it runs, and for ever if it was cut off.</param>
internal sealed record RunView(
    string Id,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error,
    long Orders,
    long InFlight,
    int Found,
    int Corrected,
    int Proposed,
    bool IsComplete,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DifferenceView>? Differences = null)
{
    public static RunView Of(ReconciliationRun run) => new(
        run.Id.ToString(CultureInfo.InvariantCulture),
        run.StartedBy,
        run.StartedAt,
        run.FinishedAt,
        run.Error,
        run.Orders,
        run.InFlight,
        run.Found,
        run.Corrected,
        run.Proposed,
        run.IsComplete);
}
