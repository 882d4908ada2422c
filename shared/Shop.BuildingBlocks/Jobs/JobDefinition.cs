namespace Shop.BuildingBlocks.Jobs;

/// <summary>A scheduled job and all of its policies, in one place. Configuration may override schedule and limits (<see cref="JobsOptions.Each"/>).</summary>
/// <remarks>
/// Overlap is the same for every job and has no switch: a fire that finds an earlier run unfinished is recorded as skipped. Every job does
/// whatever is due when it runs, so the next fire does what a skipped one would have done.
/// </remarks>
/// <param name="Name">Lower case with hyphens: it stands in addresses, settings and tables.</param>
/// <param name="What">What it does, in a sentence for operators.</param>
/// <param name="Cron">When it fires: a Quartz cron expression in UTC, so that no hour is missing or doubled twice a year.</param>
public sealed record JobDefinition(string Name, string What, string Cron)
{
    /// <summary>Into so many units a run is cut. Each is claimed by one node at a time, and any node may claim it.</summary>
    public int Units { get; init; } = 1;

    /// <summary>What happens to a fire that came while every node was down, or while the job was paused.</summary>
    public MisfirePolicy Misfire { get; init; } = MisfirePolicy.RunOnce;

    /// <summary>The longest that one try of one unit may take; then it counts as failed and may write no more.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>So many tries each unit has, those cut off by a crash included; then the run has failed.</summary>
    public int Tries { get; init; } = 5;

    /// <summary>The pause before the second try of a unit, doubled before each later one. A unit whose node died waits for its lease instead.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A fire that opened no run for so long, and a run that is not finished for so long, raises an alarm.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>What happens to fires that nobody could heed.</summary>
public enum MisfirePolicy
{
    /// <summary>However many were missed: one run, as soon as that is possible.</summary>
    RunOnce,

    /// <summary>Nothing: the next fire is soon enough.</summary>
    Skip,
}
