using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Leadership;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Invariants;

/// <summary>Has the invariants proved again and again, on the replica that leads this duty, keeps the verdicts and calls out what does not hold.</summary>
/// <remarks>
/// Exclusive, because one look reads the books of all services from end to end, and a second one at the same time would cost as much and find the same. Nothing of
/// it can be shared row by row. A leader that was paused in the middle of a look and has been followed cannot record what it saw: it is out of date.
/// </remarks>
internal sealed partial class InvariantWatch(
    InvariantChecker checker,
    Leaders leaders,
    Database<OrderingDbContext> database,
    SnowflakeIdGenerator ids,
    IOptions<InvariantOptions> options,
    TimeProvider clock,
    ILogger<InvariantWatch> logger) : BackgroundService
{
    public const string Duty = "invariant-watch";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.WatchEvery == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.WatchEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (leaders.Of(Duty) is not { } lead)
            {
                continue;
            }

            try
            {
                using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lead.Lost);
                await LookAsync(lead, over.Token);
            }
            catch (Exception exception) when (exception is NotLeaderException || lead.Lost.IsCancellationRequested)
            {
                Log.CutOff(logger, lead.Epoch);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.Message);
            }
        }
    }

    private async Task LookAsync(Lead lead, CancellationToken cancellationToken)
    {
        var report = await checker.CheckAsync(cancellationToken);
        foreach (var broken in report.Invariants.Where(invariant => !invariant.Holds))
        {
            Log.Broken(logger, broken.Number, broken.Violations, broken.Examples[0].What);
        }

        var check = new InvariantCheck(
            ids.Next(), lead.Epoch, report.CheckedAt, report.Holds, report.Orders, report.InFlight, report.Invariants.Sum(invariant => invariant.Violations));
        var forgotten = report.CheckedAt - options.Value.KeepChecks;
        await database.WriteAsync(
            leaders,
            lead,
            async db =>
            {
                db.Add(check);
                await db.InvariantChecks.Where(c => c.At < forgotten).ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Invariant {Number} does not hold, {Violations} times; the first: {What}")]
        public static partial void Broken(ILogger logger, int number, long violations, string what);

        [LoggerMessage(2, LogLevel.Warning, "The invariants could not be looked at; again at the next time: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "A look at the invariants was cut off: the lead with epoch {Epoch} is over")]
        public static partial void CutOff(ILogger logger, long epoch);
    }
}
