using Microsoft.Extensions.Options;

namespace Shop.Ordering.Reconciliation;

/// <summary>Runs reconciliation once in each interval, on one of the replicas.</summary>
internal sealed partial class ReconciliationSchedule(
    Reconciler reconciler, IOptions<ReconciliationOptions> options, TimeProvider clock, ILogger<ReconciliationSchedule> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = options.Value.Interval;
        if (interval == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await reconciler.RunAsync(Reconciler.Itself, clock.GetUtcNow().Ticks / interval.Ticks, stoppingToken);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException && !stoppingToken.IsCancellationRequested)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Reconciliation could not be completed; the next one starts anew")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
