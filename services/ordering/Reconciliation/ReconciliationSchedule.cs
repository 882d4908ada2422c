using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Leadership;

namespace Shop.Ordering.Reconciliation;

/// <summary>Runs reconciliation once in each interval, on the replica that leads this duty.</summary>
/// <remarks>
/// Exclusive, because a run reads the books of all services from end to end: two at once would cost twice and find the same. A leader that was paused
/// in the middle of a run and has been followed can neither claim another run nor finish its own; the corrections themselves are safe to repeat anyway.
/// </remarks>
internal sealed partial class ReconciliationSchedule(
    Reconciler reconciler, Leaders leaders, IOptions<ReconciliationOptions> options, TimeProvider clock, ILogger<ReconciliationSchedule> logger) : BackgroundService
{
    public const string Duty = "reconciliation";

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
            if (leaders.Of(Duty) is not { } lead)
            {
                continue;
            }

            try
            {
                using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lead.Lost);
                await reconciler.RunAsync(Reconciler.Itself, clock.GetUtcNow().Ticks / interval.Ticks, lead, over.Token);
            }
            catch (Exception exception) when (exception is NotLeaderException || (exception is OperationCanceledException && lead.Lost.IsCancellationRequested))
            {
                Log.CutOff(logger, lead.Epoch);
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

        [LoggerMessage(LogLevel.Warning, "Reconciliation was cut off: the lead with epoch {Epoch} is over")]
        public static partial void CutOff(ILogger logger, long epoch);
    }
}
