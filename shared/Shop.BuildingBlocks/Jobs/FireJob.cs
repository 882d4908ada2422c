using System.Globalization;
using Microsoft.Extensions.Logging;
using Quartz;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>All that Quartz ever runs: it opens a run and is done. A fire whose node dies before that is fired again by another node, for the same time.</summary>
internal sealed partial class FireJob(OpenRun open, TimeProvider clock, ILogger<FireJob> logger) : IJob
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        var job = context.JobDetail.Key.Name;
        var dueAt = DueAt(context);
        CrashPoint.Hit(CrashPoint.BeforeJobRun);
        while (true)
        {
            try
            {
                await open(job, dueAt, cancellationToken);
                return;
            }
            catch (Exception exception) when ((exception.IsTransient() || exception.IsConflict()) && !cancellationToken.IsCancellationRequested)
            {
                Log.NotOpened(logger, job, exception.Message);
                await Task.Delay(Pause, clock, cancellationToken);
            }
        }
    }

    // A fire that is repeated for a dead node has a trigger of its own, which remembers for when the first one was due. In whole seconds, as that is
    // how it is remembered; no schedule is finer.
    private static DateTimeOffset DueAt(IJobExecutionContext context)
    {
        var due = context.Recovering
            && context.MergedJobDataMap.TryGetValue(SchedulerConstants.FailedJobOriginalTriggerScheduledFireTime, out var first)
            && DateTimeOffset.TryParse(Convert.ToString(first, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var firstDue)
                ? firstDue
                : context.ScheduledFireTimeUtc ?? context.FireTimeUtc;
        return DateTimeOffset.FromUnixTimeSeconds(due.ToUnixTimeSeconds());
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "No run of {Job} could be opened; again in a second: {Reason}")]
        public static partial void NotOpened(ILogger logger, string job, string reason);
    }
}

/// <summary>Opens a run of a job for the time for which it is due.</summary>
internal delegate Task OpenRun(string job, DateTimeOffset dueAt, CancellationToken cancellationToken);
