using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Checkout;

/// <summary>Sends again what was not answered in time and undoes what has waited too long. After a crash it is what moves orders on.</summary>
internal sealed partial class CheckoutTimer(
    Database<OrderingDbContext> database,
    Checkouts checkouts,
    CallQueue calls,
    OrderWatch watch,
    MessagingTopology topology,
    SnowflakeIdGenerator ids,
    IOptions<CheckoutOptions> options,
    IOptionsMonitor<GuardOptions> guards,
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
                while (guards.CurrentValue.Resend && await RunOnceAsync(stoppingToken) == BatchSize)
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
        var isDue = IsDue(now, ids.Worker, options.Value.TakeOverAfter);
        if (!await database.ReadAsync(db => IsAnyAsync(db, isDue, cancellationToken), cancellationToken))
        {
            return 0;
        }

        return await database.WriteAsync(
            async db =>
            {
                var away = await AwayAsync(db, now, cancellationToken);
                var due = await First(db, isDue).Take(BatchSize).ForUpdateSkipLocked().ToListAsync(cancellationToken);
                var moves = due.Select(order => TryMove(db, order, away, now)).OfType<Checkouts.Move>().ToList();
                await checkouts.SendAsync(db, moves, cancellationToken);
                due.RemoveAll(order => db.Entry(order).State is EntityState.Detached);
                db.OnCommitted(() => watch.Publish(due));
                return due.Count;
            },
            cancellationToken);
    }

    // Who took an order in stands in its id. A process that starts again has another number: what it had before is nobody's, and only later.
    internal static Expression<Func<Order, bool>> IsDue(DateTimeOffset now, int? worker, TimeSpan takeOverAfter)
    {
        if (worker is not { } own)
        {
            return o => o.DueAt <= now;
        }

        var late = now - takeOverAfter;
        return o => o.DueAt <= now && (o.DueAt <= late || o.Id / (SnowflakeId.MaxSequence + 1) % (SnowflakeId.MaxWorker + 1) == own);
    }

    // Not "exists": a prepared one, planned for any value, reads the table, because the planner expects to find a row soon.
    internal static async Task<bool> IsAnyAsync(OrderingDbContext db, Expression<Func<Order, bool>> isDue, CancellationToken cancellationToken) =>
        await First(db, isDue).Select(o => o.Id).FirstOrDefaultAsync(cancellationToken) != 0;

    private static IOrderedQueryable<Order> First(OrderingDbContext db, Expression<Func<Order, bool>> isDue) => db.Orders.Where(isDue).OrderBy(o => o.DueAt);

    // Whose oldest message has not been confirmed for so long has all later ones still to come: none of them is lost.
    private async Task<HashSet<string>> AwayAsync(OrderingDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var away = new HashSet<string>();
        foreach (var destination in topology.Destinations)
        {
            var oldest = await db.Outbox.Where(r => r.Destination == destination).OrderBy(r => r.Id).FirstOrDefaultAsync(cancellationToken);
            if (oldest is not null && now - oldest.CreatedAt >= options.Value.ResendAfter)
            {
                away.Add(destination);
            }
        }

        return away;
    }

    // One order that cannot be moved must not stop the clock for all others.
    private Checkouts.Move? TryMove(OrderingDbContext db, Order order, HashSet<string> away, DateTimeOffset now)
    {
        if (calls.Has(order.Id))
        {
            order.Await(now + options.Value.ResendAfter); // it is this process that is slow
            return null;
        }

        try
        {
            var step = order.Step;
            var commands = checkouts.Of(order).OnDue(order, now);
            if (order.Status is OrderStatus.NeedsAttention)
            {
                Log.NeedsAttention(logger, order.Id, order.Step);
            }

            // A repeat for one that is away would only lengthen the queue that it finds when it is back.
            return new Checkouts.Move(order, order.Step == step && !checkouts.Of(order).Calls
                ? [.. commands.Where(command => !Checkouts.DestinationsOf(command).Any(away.Contains))]
                : commands);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.NotMoved(logger, order.Id, exception);
            db.Entry(order).State = EntityState.Detached;
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Looking for overdue orders failed; again at the next tick")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Error, "Order {OrderId} is overdue and cannot be moved; its data are not what they should be")]
        public static partial void NotMoved(ILogger logger, long orderId, Exception exception);

        [LoggerMessage(LogLevel.Error, "Order {OrderId} needs attention: no answer in {Step}")]
        public static partial void NeedsAttention(ILogger logger, long orderId, CheckoutStep step);
    }
}
