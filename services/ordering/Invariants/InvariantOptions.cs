using System.ComponentModel.DataAnnotations;

namespace Shop.Ordering.Invariants;

internal sealed class InvariantOptions
{
    public const string Section = "Invariants";

    /// <summary>An order that is not final after this time counts as stuck: the bound of invariant 4.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan OverdueAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the replica that leads has them proved; zero leaves it to operators.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan WatchEvery { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the verdicts are kept.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan KeepChecks { get; set; } = TimeSpan.FromDays(7);
}
