using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.BuildingBlocks.Jobs;

namespace Shop.ServiceDefaults;

/// <summary>A scheduled job: its policies, and how it stands.</summary>
/// <param name="Overlap">What happens to a fire that finds an earlier run unfinished: always <c>skip</c>.</param>
/// <param name="NextRun">Null while it is paused.</param>
/// <param name="Failures">Runs in the history that have failed.</param>
public sealed record JobView(
    string Name,
    string What,
    string Cron,
    int Units,
    [property: JsonConverter(typeof(MisfirePolicyJson))] MisfirePolicy Misfire,
    string Overlap,
    TimeSpan Timeout,
    int Tries,
    TimeSpan RetryAfter,
    TimeSpan LateAfter,
    DateTimeOffset? PausedAt,
    string? PausedBy,
    DateTimeOffset? NextRun,
    JobRunView? LastRun,
    int Failures);

/// <summary>One run of a job.</summary>
/// <param name="FireId">What started it; there is one run for it.</param>
/// <param name="Parts">Its units; in the history only.</param>
public sealed record JobRunView(
    string Id,
    string FireId,
    DateTimeOffset DueAt,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    [property: JsonConverter(typeof(JobRunStateJson))] JobRunState State,
    long Done,
    string? Error,
    IReadOnlyList<JobUnitView>? Parts = null)
{
    public static JobRunView Of(JobRun run) => new(
        run.Id.ToString(CultureInfo.InvariantCulture),
        run.FireId,
        run.DueAt,
        run.StartedBy,
        run.StartedAt,
        run.FinishedAt,
        run.State,
        run.Done,
        run.Error);
}

/// <summary>A unit of a run.</summary>
/// <param name="Epoch">How often it was claimed.</param>
public sealed record JobUnitView(
    int Unit, [property: JsonConverter(typeof(JobUnitStateJson))] JobUnitState State, string? Node, long Epoch, int Tries, string? Progress, long Done, string? Error)
{
    public static JobUnitView Of(JobUnit unit) => new(unit.Unit, unit.State, unit.Node, unit.Epoch, unit.Tries, unit.Progress, unit.Done, unit.Error);
}

internal sealed class MisfirePolicyJson() : JsonStringEnumConverter<MisfirePolicy>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

internal sealed class JobRunStateJson() : JsonStringEnumConverter<JobRunState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

internal sealed class JobUnitStateJson() : JsonStringEnumConverter<JobUnitState>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
