using System.ComponentModel.DataAnnotations;

namespace Shop.Ordering.Reconciliation;

/// <summary>What counts as stuck, and how much one run looks into.</summary>
internal sealed class ReconciliationOptions
{
    public const string Section = "Reconciliation";

    /// <summary>A dead letter that nobody has looked after for so long is a difference.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan LetterStuckAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>So many suspicions one run looks into; the rest is left to the next one.</summary>
    [Range(1, 1_000_000)]
    public int MaxSuspects { get; set; } = 10_000;
}
