using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>Works on units, a few at once, whoever opened their runs; takes over what a dead node has left behind.</summary>
internal sealed partial class JobWorker<TContext>(
    JobStore<TContext> store,
    JobCatalogue<TContext> catalogue,
    JobNode node,
    JobSignal signal,
    IOptions<JobsOptions> options,
    TimeProvider clock,
    ILogger<JobWorker<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    private static readonly Meter Meter = new("Shop.Jobs");
    private static readonly Counter<long> Tries = Meter.CreateCounter<long>("shop.jobs.tries", description: "Tries of units of jobs, by how they ended.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var slots = new SemaphoreSlim(options.Value.Concurrency);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await slots.WaitAsync(stoppingToken);
                if (await TryClaimAsync(stoppingToken) is not var (run, unit))
                {
                    slots.Release();
                    await signal.WaitAsync(options.Value.PollInterval, stoppingToken);
                    continue;
                }

                _ = Task.Run(
                    async () =>
                    {
                        await RunAsync(run, unit, stoppingToken);
                        slots.Release();
                    },
                    CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }

        // Those that are at work hand their units back.
        for (var i = 0; i < options.Value.Concurrency; i++)
        {
            await slots.WaitAsync(CancellationToken.None);
        }
    }

    private async Task<(JobRun, JobUnit)?> TryClaimAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await store.ClaimAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
        {
            Log.NotClaimed(logger, exception.Message);
            return null;
        }
    }

    /// <summary>Works on a unit until it is through, fails, or is not this worker's any more. Never throws.</summary>
    internal async Task RunAsync(JobRun run, JobUnit unit, CancellationToken stoppingToken)
    {
        var job = catalogue.JobOf(unit.Job);
        var timeout = catalogue.Find(unit.Job)!.Timeout;
        var claim = store.ClaimOf(run, unit);
        using var patience = new CancellationTokenSource(timeout, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stoppingToken);
        CrashPoint.Hit(CrashPoint.AfterJobClaim);
        if (unit.Tries > 1)
        {
            Log.Repeated(logger, run.FireId, unit.Unit, unit.Tries, clock.GetUtcNow() - run.StartedAt);
        }

        var outcome = "done";
        try
        {
            var working = Task.Run(() => job.RunAsync(claim, limit.Token), limit.Token);
            var renewing = RenewAsync(claim, limit);
            try
            {
                // Not for ever: work that does not listen goes on, but its claim ends below and it can write nothing more.
                await working.WaitAsync(limit.Token);
            }
            finally
            {
                await limit.CancelAsync();
                await renewing;
            }

            if (!await store.CompleteAsync(unit, CancellationToken.None))
            {
                outcome = "fenced";
            }
        }
        catch (JobFencedException exception)
        {
            outcome = "fenced";
            Log.Fenced(logger, exception.Message);
        }
        catch (Exception exception) when (stoppingToken.IsCancellationRequested && exception is not OutOfMemoryException)
        {
            outcome = "released";
            await EndAsync(run, () => store.ReleaseAsync(unit, CancellationToken.None));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var isOver = patience.IsCancellationRequested;
            outcome = isOver ? "timeout" : "failed";
            var reason = isOver ? $"It was not through after {timeout}." : exception.Message;
            Log.Failed(logger, run.FireId, unit.Unit, unit.Tries, reason);
            await EndAsync(run, () => store.FailAsync(unit, reason, CancellationToken.None));
        }

        Tries.Add(1, new TagList { { "service", node.Service }, { "job", unit.Job }, { "outcome", outcome } });
    }

    // Where not even this can be recorded, the lease ends by itself.
    private async Task EndAsync(JobRun run, Func<Task<bool>> end)
    {
        try
        {
            await end();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.NotEnded(logger, run.FireId, exception.Message);
        }
    }

    // A node that is frozen renews nothing; one that is only slow keeps what it has.
    private async Task RenewAsync(JobClaim<TContext> claim, CancellationTokenSource limit)
    {
        using var timer = new PeriodicTimer(options.Value.Lease / 3, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(limit.Token))
            {
                try
                {
                    await claim.RenewAsync(limit.Token);
                }
                catch (Exception exception) when (exception.IsTransient() && !limit.IsCancellationRequested)
                {
                    // Until the lease is over there are two more tries.
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (JobFencedException)
        {
            await limit.CancelAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.NotRenewed(logger, claim.Run.FireId, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "{FireId} unit {Unit} is taken up again, try {Try}, {After} after its run was opened")]
        public static partial void Repeated(ILogger logger, string fireId, int unit, int @try, TimeSpan after);

        [LoggerMessage(LogLevel.Warning, "{FireId} unit {Unit} failed at try {Try}: {Reason}")]
        public static partial void Failed(ILogger logger, string fireId, int unit, int @try, string reason);

        [LoggerMessage(LogLevel.Warning, "Stopped: {Reason}")]
        public static partial void Fenced(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "No unit could be claimed: {Reason}")]
        public static partial void NotClaimed(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "The end of a try of {FireId} could not be recorded; its lease will end by itself: {Reason}")]
        public static partial void NotEnded(ILogger logger, string fireId, string reason);

        [LoggerMessage(LogLevel.Warning, "A lease of {FireId} could not be renewed: {Reason}")]
        public static partial void NotRenewed(ILogger logger, string fireId, string reason);
    }
}
