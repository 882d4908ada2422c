using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Quartz;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>Brings the schedules of this version into Quartz and keeps it going. It is a clock for all nodes together; what it starts is ours.</summary>
internal sealed class JobClock<TContext>(
    ISchedulerFactory factory,
    JobCatalogue<TContext> catalogue,
    JobStore<TContext> store,
    Database<TContext> database,
    IOptions<JobsOptions> options,
    TimeProvider clock) : IHostedService, IAsyncDisposable
    where TContext : ShopDbContext
{
    private const int StartTries = 60;

    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(500);

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

        _scheduler = await factory.GetScheduler(cancellationToken);
        foreach (var job in catalogue.Definitions)
        {
            await ScheduleAsync(_scheduler, job, cancellationToken);
        }

        await _scheduler.Start(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => ShutDownAsync(cancellationToken);

    // A host whose start fails is disposed without being stopped, and Quartz's threads belong to nobody: they would go on for ever.
    public async ValueTask DisposeAsync() => await ShutDownAsync(CancellationToken.None);

    private async Task ShutDownAsync(CancellationToken cancellationToken)
    {
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

    private async Task ScheduleAsync(IScheduler scheduler, JobDefinition job, CancellationToken cancellationToken)
    {
        var detail = JobBuilder.Create<FireJob>().WithIdentity(job.Name).RequestRecovery().StoreDurably().Build();
        await scheduler.AddJob(detail, new AddJobOptions { Replace = true }, cancellationToken);

        // One that is there and the same is left alone: it knows what was missed while all nodes were down.
        var key = new TriggerKey(job.Name);
        var instruction = job.Misfire is MisfirePolicy.RunOnce ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing;
        var known = await scheduler.GetTrigger(key, cancellationToken);
        if (known is ICronTrigger cron && cron.CronExpressionString == job.Cron)
        {
            return;
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
        }
        else
        {
            await scheduler.RescheduleJob(key, trigger, cancellationToken);
        }
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
}
