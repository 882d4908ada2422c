using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Checkout;

/// <summary>Sends again what was not answered in time and undoes what has waited too long. After a crash it is what moves orders on.</summary>
internal sealed partial class CheckoutTimer(
    Database<OrderingDbContext> database,
    Saga saga,
    OrderWatch watch,
    IOptions<CheckoutOptions> options,
    TimeProvider clock,
    ILogger<CheckoutTimer> logger) : BackgroundService
{
    private const int BatchSize = 200;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.TimerInterval, clock);
        do
        {
            try
            {
                while (await RunOnceAsync(stoppingToken) == BatchSize)
                {
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetStorageTime();
        if (!await database.ReadAsync(db => db.Orders.AnyAsync(o => o.DueAt <= now, cancellationToken), cancellationToken))
        {
            return 0;
        }

        return await database.WriteAsync(
            async db =>
            {
                var due = await db.Orders.Where(o => o.DueAt <= now).OrderBy(o => o.DueAt).Take(BatchSize).ToListAsync(cancellationToken);
                foreach (var order in due)
                {
                    db.Send(saga.OnDue(order, now));
                    if (order.Status is OrderStatus.NeedsAttention)
                    {
                        Log.NeedsAttention(logger, order.Id, order.Step);
                    }
                }

                db.OnCommitted(() => watch.Publish(due));
                return due.Count;
            },
            cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Looking for overdue orders failed; again at the next tick")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Error, "Order {OrderId} needs attention: no answer in {Step}")]
        public static partial void NeedsAttention(ILogger logger, long orderId, CheckoutStep step);
    }
}
