using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quartz;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>Brings the schedules of this version into Quartz and keeps it going. It is a clock for all nodes together; what it starts is ours.</summary>
internal sealed partial class JobClock<TContext>(
    ISchedulerFactory factory,
    JobCatalogue<TContext> catalogue,
    JobStore<TContext> store,
    Database<TContext> database,
    IOptions<JobsOptions> options,
    TimeProvider clock,
    ILogger<JobClock<TContext>> logger) : IHostedService, IAsyncDisposable
    where TContext : ShopDbContext
{
    private const int StartTries = 60;

    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(500);

    // Longer than Quartz takes a trigger ahead of its time.
    private static readonly TimeSpan WatchFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WatchPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private IScheduler? _scheduler;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var job in catalogue.Definitions)
        {
            await RegisterAsync(job, cancellationToken);
        }

        if (!options.Value.Schedule)
        {
            return;
        }

        var scheduler = _scheduler = await factory.GetScheduler(cancellationToken);
        var changed = new List<JobDefinition>();
        foreach (var job in catalogue.Definitions)
        {
            if (await ScheduleAsync(scheduler, job, cancellationToken))
            {
                changed.Add(job);
            }
        }

        await scheduler.Start(cancellationToken);
        if (changed.Count > 0)
        {
            _watching = Task.Run(() => WatchAsync(scheduler, changed, _stopping.Token), CancellationToken.None);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => ShutDownAsync(cancellationToken);

    // A host whose start fails is disposed without being stopped, and Quartz's threads belong to nobody: they would go on for ever.
    public async ValueTask DisposeAsync()
    {
        await ShutDownAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private async Task ShutDownAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching;
        if (Interlocked.Exchange(ref _scheduler, null) is { } scheduler)
        {
            await scheduler.Shutdown(waitForJobsToComplete: false, cancellationToken);
        }
    }

    // Where everything starts at once, another node may hold the row for longer than anybody waits for one.
    private async Task RegisterAsync(JobDefinition job, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await store.RegisterAsync(job, cancellationToken);
                return;
            }
            catch (Exception exception) when ((exception.IsContention() || exception.IsTransient()) && attempt < StartTries && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(StartPause, clock, cancellationToken);
            }
        }
    }

    // Near the time for which the new schedule was due, the old one has been seen to come back. Quartz asks whether a trigger is taken, not whether it is
    // still the same one: probably a node that had taken the old one before it was replaced wrote it back when the new one was taken too.
    private async Task WatchAsync(IScheduler scheduler, IReadOnlyList<JobDefinition> changed, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        while (clock.GetElapsedTime(began) < WatchFor)
        {
            try
            {
                await Task.Delay(WatchPause, clock, cancellationToken);
                foreach (var job in changed)
                {
                    if (await ScheduleAsync(scheduler, job, cancellationToken))
                    {
                        Log.ScheduledAgain(logger, job.Name, job.Cron);
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Log.NotWatched(logger, exception);
            }
        }
    }

    /// <returns>Whether there was another schedule.</returns>
    private async Task<bool> ScheduleAsync(IScheduler scheduler, JobDefinition job, CancellationToken cancellationToken)
    {
        var detail = JobBuilder.Create<FireJob>().WithIdentity(job.Name).RequestRecovery().StoreDurably().Build();
        await scheduler.AddJob(detail, new AddJobOptions { Replace = true }, cancellationToken);

        // One that is there and the same is left alone: it knows what was missed while all nodes were down.
        var key = new TriggerKey(job.Name);
        var instruction = job.Misfire is MisfirePolicy.RunOnce ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing;
        var known = await scheduler.GetTrigger(key, cancellationToken);
        if (known is ICronTrigger cron && cron.CronExpressionString == job.Cron)
        {
            return false;
        }

        var trigger = TriggerBuilder.Create(clock)
            .WithIdentity(key)
            .ForJob(detail)
            .StartAt((await LastDueAsync(job, cancellationToken)).AddSeconds(1)) // itself it was heeded
            .WithSchedule(CronScheduleBuilder.Create(job.Cron).InTimeZone(TimeZoneInfo.Utc).WithMisfireInstruction(instruction))
            .Build();
        if (known is null)
        {
            await ScheduleOnceAsync(scheduler, trigger, cancellationToken);
            return false;
        }

        await scheduler.RescheduleJob(key, trigger, cancellationToken);
        return true;
    }

    // Where the schedule itself is kept in memory, the history tells when it was heeded last: what was due since then was missed.
    private async Task<DateTimeOffset> LastDueAsync(JobDefinition job, CancellationToken cancellationToken)
    {
        var (since, last) = await database.ReadAsync(
            async db => (
                await db.Jobs.Where(j => j.Name == job.Name).Select(j => j.Since).SingleAsync(cancellationToken),
                await db.JobRuns
                    .Where(r => r.Job == job.Name && r.StartedBy == JobRun.BySchedule)
                    .OrderByDescending(r => r.Id)
                    .Select(r => (DateTimeOffset?)r.DueAt)
                    .FirstOrDefaultAsync(cancellationToken)),
            cancellationToken);
        return last > since ? last.Value : since;
    }

    private static async Task ScheduleOnceAsync(IScheduler scheduler, ITrigger trigger, CancellationToken cancellationToken)
    {
        try
        {
            await scheduler.ScheduleJob(trigger, cancellationToken: cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node that starts at the same moment was first.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The old schedule of {Job} was written back by another node; again {Cron}")]
        public static partial void ScheduledAgain(ILogger logger, string job, string cron);

        [LoggerMessage(LogLevel.Warning, "Whether the changed schedules are still in force is not known; another look follows")]
        public static partial void NotWatched(ILogger logger, Exception exception);
    }
}
