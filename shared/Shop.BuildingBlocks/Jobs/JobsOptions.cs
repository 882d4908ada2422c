using System.ComponentModel.DataAnnotations;
using Quartz;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>How the jobs of a service are scheduled, claimed and watched.</summary>
public sealed class JobsOptions : IValidatableObject
{
    public const string Section = "Jobs";

    /// <summary>False leaves all schedules alone in this process; it still works on runs that others open, and answers operators.</summary>
    public bool Schedule { get; set; } = true;

    /// <summary>How often a node looks for units to work on that another node has opened or left behind.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A unit whose node has not been heard of for so long is taken over by another one.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>So many units one node works on at once.</summary>
    [Range(1, 16)]
    public int Concurrency { get; set; } = 2;

    /// <summary>How often a node looks for jobs that are late, and for whatever else raises an alarm.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a scheduler tells the others that it lives.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan CheckinInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>A fire that is later than this is a misfire.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan MisfireThreshold { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections to PostgreSQL for the schedule alone, beside those of the service.</summary>
    [Range(3, 20)]
    public int PoolSize { get; set; } = 4;

    /// <summary>What differs from the definitions, by the name of the job, with or without its hyphens: <c>clean-up</c>, <c>CleanUp</c>.</summary>
    public Dictionary<string, JobOverride> Each { get; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, job) in Each)
        {
            if (job.Cron is { } cron && !CronExpression.TryParse(cron, out _))
            {
                yield return new ValidationResult($"{Section}:{nameof(Each)}:{name}:{nameof(job.Cron)} is no cron expression: '{cron}'.");
            }

            if (job is { Timeout: { } timeout } && timeout <= TimeSpan.Zero)
            {
                yield return new ValidationResult($"{Section}:{nameof(Each)}:{name}:{nameof(job.Timeout)} must be positive.");
            }

            if (job is { RetryAfter: { } pause } && pause < TimeSpan.Zero)
            {
                yield return new ValidationResult($"{Section}:{nameof(Each)}:{name}:{nameof(job.RetryAfter)} must not be negative.");
            }

            if (job is { LateAfter: { } late } && late <= TimeSpan.Zero)
            {
                yield return new ValidationResult($"{Section}:{nameof(Each)}:{name}:{nameof(job.LateAfter)} must be positive.");
            }

            if (job is { Tries: < 1 or > 100 } or { Units: < 1 or > 1024 })
            {
                yield return new ValidationResult($"{Section}:{nameof(Each)}:{name} allows 1 to 100 tries and 1 to 1024 units.");
            }
        }
    }
}

/// <summary>What configuration says of one job; null leaves it as the definition has it.</summary>
public sealed class JobOverride
{
    /// <summary>A Quartz cron expression, in UTC.</summary>
    public string? Cron { get; set; }

    public int? Units { get; set; }

    public TimeSpan? Timeout { get; set; }

    public int? Tries { get; set; }

    public TimeSpan? RetryAfter { get; set; }

    public TimeSpan? LateAfter { get; set; }
}
