using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Intake;

/// <summary>Whether there are as many orders under way as there may be: the back-pressure of checkouts that send messages, which would otherwise
/// take in orders for as long as a participant is away.</summary>
/// <remarks>Counted in the database once a second, for all replicas together: between two looks the bound may be passed by what they take in.</remarks>
internal sealed partial class OpenOrders(
    Database<OrderingDbContext> database, IOptionsMonitor<IntakeOptions> options, TimeProvider clock, ILogger<OpenOrders> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile bool _areTooMany;

    /// <summary>What the last look has found. While the database is away it stays as it was: then nothing can be taken in anyway.</summary>
    public bool AreTooMany => _areTooMany;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.NotCounted(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // Who is due at some time is not final. In the order of the index, and no further than it matters.
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var most = options.CurrentValue.MaxOpen;
        var found = await database.ReadAsync(
            db => db.Orders.Where(o => o.DueAt != null).OrderBy(o => o.DueAt).Select(o => o.Id).Take(most).CountAsync(cancellationToken), cancellationToken);
        var areTooMany = found >= most;
        if (areTooMany && !_areTooMany)
        {
            Log.TooMany(logger, most);
        }

        _areTooMany = areTooMany;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Most} orders are under way: no more are taken in until some of them have come to an end")]
        public static partial void TooMany(ILogger logger, int most);

        [LoggerMessage(LogLevel.Warning, "Orders under way could not be counted; again in a moment")]
        public static partial void NotCounted(ILogger logger, Exception exception);
    }
}
