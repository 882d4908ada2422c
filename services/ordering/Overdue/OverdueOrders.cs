using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Ordering.Checkout;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Overdue;

/// <summary>Gives up orders that are neither paid nor ended long after their checkout should have done so, each in the way of its own protocol.</summary>
/// <remarks>
/// The net under <see cref="CheckoutTimer"/>: that one sends again and gives up in time, by an order's due time; this one finds orders whose due
/// time is lost, or that it could not move. What is paid is never given up here, and what needs attention is left to people.
/// A shard is the orders whose id leaves the same remainder; the nodes share the shards of a run among them.
/// </remarks>
internal sealed partial class OverdueOrders(
    Checkouts checkouts, OrderWatch watch, IOptions<OverdueOptions> options, TimeProvider clock, ILogger<OverdueOrders> logger)
    : IScheduledJob<OrderingDbContext>
{
    public const string Name = JobNames.OverdueOrders;

    public JobDefinition Definition { get; } = new(Name, "Gives up orders that are neither paid nor ended long after they should be.", "30 * * * * ?")
    {
        Units = 4,
        Misfire = MisfirePolicy.Skip, // a minute later it looks again
        Timeout = TimeSpan.FromMinutes(2),
        LateAfter = TimeSpan.FromMinutes(5),
    };

    public async Task RunAsync(JobClaim<OrderingDbContext> claim, CancellationToken cancellationToken)
    {
        string? last;
        do
        {
            last = claim.Progress;
            await claim.StepAsync(db => GiveUpAsync(db, claim, cancellationToken), cancellationToken);
        }
        while (claim.Progress != last);
    }

    private async Task<JobStep> GiveUpAsync(OrderingDbContext db, JobClaim<OrderingDbContext> claim, CancellationToken cancellationToken)
    {
        var now = clock.GetStorageTime();
        var before = now - options.Value.After;
        var after = claim.Progress is { } progress ? long.Parse(progress, CultureInfo.InvariantCulture) : 0;
        var (shard, shards) = (claim.Unit, claim.Units);
        var overdue = await db.Orders
            .Where(o => (o.Status == OrderStatus.Pending || o.Status == OrderStatus.Cancelling) && o.CreatedAt <= before)
            .Where(o => o.Id > after && o.Id % shards == shard)
            .OrderBy(o => o.Id)
            .Take(options.Value.BatchSize)
            .ForUpdateSkipLocked()
            .ToListAsync(cancellationToken);
        var moves = overdue.Select(order => TryGiveUp(db, order, now)).OfType<Checkouts.Move>().ToList();
        var moved = moves.Select(m => m.Order).ToList();
        await checkouts.SendAsync(db, moves, cancellationToken);
        db.OnCommitted(() => watch.Publish(moved));
        return new JobStep(moved.Count, overdue.Count == 0 ? claim.Progress : overdue[^1].Id.ToString(CultureInfo.InvariantCulture));
    }

    // One order whose data are broken must not hide the others.
    private Checkouts.Move? TryGiveUp(OrderingDbContext db, Order order, DateTimeOffset now)
    {
        try
        {
            if (checkouts.Of(order).OnOverdue(order, now) is not { } commands)
            {
                return null;
            }

            Log.GivenUp(logger, order.Id, now - order.CreatedAt);
            order.Record(now, ServiceNames.Ordering, "order", "overdue", null);
            return new Checkouts.Move(order, commands);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.NotGivenUp(logger, order.Id, exception);
            db.Entry(order).State = EntityState.Detached;
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Order {OrderId} has not ended after {Age} and is given up")]
        public static partial void GivenUp(ILogger logger, long orderId, TimeSpan age);

        [LoggerMessage(LogLevel.Error, "Order {OrderId} has not ended and cannot be given up; its data are not what they should be")]
        public static partial void NotGivenUp(ILogger logger, long orderId, Exception exception);
    }
}
