using Microsoft.Extensions.Options;
using Quartz;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>The jobs of this service as they are in force: the definitions, with what configuration changes.</summary>
public sealed class JobCatalogue<TContext> where TContext : ShopDbContext
{
    private readonly Dictionary<string, (JobDefinition Definition, IScheduledJob<TContext> Job)> _jobs;

    public JobCatalogue(IEnumerable<IScheduledJob<TContext>> jobs, IOptions<JobsOptions> options)
    {
        _jobs = jobs.ToDictionary(j => j.Definition.Name, j => (InForce(j.Definition, options.Value), j), StringComparer.Ordinal);
        if (options.Value.Each.Keys.FirstOrDefault(name => !_jobs.Keys.Union(JobNames.All).Any(job => IsNameOf(name, job))) is { } unknown)
        {
            throw new OptionsValidationException(
                Options.DefaultName, typeof(JobsOptions), [$"{JobsOptions.Section}:{nameof(JobsOptions.Each)}: there is no job '{unknown}'."]);
        }
    }

    public IEnumerable<JobDefinition> Definitions => _jobs.Values.Select(j => j.Definition).OrderBy(d => d.Name, StringComparer.Ordinal);

    public JobDefinition? Find(string name) => _jobs.TryGetValue(name, out var job) ? job.Definition : null;

    /// <summary>The first time after <paramref name="after"/> at which the job is due; null where its schedule has ended.</summary>
    public static DateTimeOffset? NextAfter(JobDefinition job, DateTimeOffset after) =>
        new CronExpression(job.Cron, TimeZoneInfo.Utc).GetNextValidTimeAfter(after);

    internal IScheduledJob<TContext> JobOf(string name) => _jobs[name].Job;

    private static JobDefinition InForce(JobDefinition definition, JobsOptions options) =>
        options.Each.FirstOrDefault(each => IsNameOf(each.Key, definition.Name)).Value is { } other
            ? definition with
            {
                Cron = other.Cron ?? definition.Cron,
                Units = other.Units ?? definition.Units,
                Timeout = other.Timeout ?? definition.Timeout,
                Tries = other.Tries ?? definition.Tries,
                RetryAfter = other.RetryAfter ?? definition.RetryAfter,
                LateAfter = other.LateAfter ?? definition.LateAfter,
            }
            : definition;

    // In an environment variable no name may have a hyphen.
    private static bool IsNameOf(string setting, string job) =>
        setting.Replace("-", "", StringComparison.Ordinal).Equals(job.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}
