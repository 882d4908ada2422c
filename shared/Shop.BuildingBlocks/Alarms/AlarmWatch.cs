using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Looks at every alarm source in turn. Every node does: an alarm that several see is one row.</summary>
internal sealed partial class AlarmWatch<TContext>(
    Database<TContext> database,
    IEnumerable<IAlarmSource<TContext>> sources,
    AlarmBook alarms,
    IOptions<JobsOptions> options,
    TimeProvider clock,
    ILogger<AlarmWatch<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.WatchInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception.Message);
            }
        }
    }

    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            var (text, isOpen) = await database.ReadAsync(
                async db => (
                    await source.LookAsync(db, cancellationToken),
                    await db.Alarms.AnyAsync(a => a.Subject == source.Subject && a.Cause == source.Cause && a.ResolvedAt == null, cancellationToken)),
                cancellationToken);

            // What lasts is seen at every look: it counts once, or else the table would be written to all day long.
            if (text is not null && !isOpen)
            {
                await database.WriteAsync(db => alarms.RaiseAsync(db, source.Subject, source.Cause, text, cancellationToken), cancellationToken);
            }
            else if (text is null && isOpen)
            {
                await database.WriteAsync(db => alarms.ResolveAsync(db, source.Subject, source.Cause, cancellationToken), cancellationToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "What raises alarms could not be looked at: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
