using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Checkout;

/// <summary>What an operator does about orders that do not come to an end.</summary>
internal static class OperatorEndpoints
{
    public static void MapStuckOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/ops/orders").RequireOperatorKey();
        orders.MapGet("/stuck", StuckAsync);
        orders.MapPost("/{id:long}/retry", RetryAsync);
    }

    /// <summary>Orders that were sent to more than once, the oldest first.</summary>
    internal static async Task<PageResult<StuckOrder>> StuckAsync(
        PageRequest page, Database<OrderingDbContext> database, CancellationToken cancellationToken)
    {
        var after = page.AfterNumber() ?? 0;
        var orders = await database.ReadAsync(
            db => db.Orders
                .Where(o => o.Id > after && ((o.DueAt != null && o.Attempts > 1) || o.Status == OrderStatus.NeedsAttention))
                .OrderBy(o => o.Id)
                .Take(page.Take)
                .ToListAsync(cancellationToken),
            cancellationToken);
        return Page.Ok([.. orders.Select(StuckOrder.Of)], page, o => Cursor.From(long.Parse(o.Id, CultureInfo.InvariantCulture)));
    }

    /// <summary>Sends the order's current step now.</summary>
    internal static async Task<Results<Accepted<StuckOrder>, ProblemResult>> RetryAsync(
        long id, Database<OrderingDbContext> database, Checkouts checkouts, TimeProvider clock, CancellationToken cancellationToken)
    {
        var order = await database.WriteAsync(
            async db =>
            {
                var found = await db.Orders.Where(o => o.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken);
                if (found is { IsFinal: false })
                {
                    var commands = checkouts.Of(found).Retry(found, clock.GetStorageTime());
                    await checkouts.SendAsync(db, [new Checkouts.Move(found, commands)], cancellationToken);
                }

                return found;
            },
            cancellationToken);

        return order switch
        {
            null => new ProblemResult(ProblemCatalogue.NotFound),
            { IsFinal: true } => new ProblemResult(ProblemCatalogue.ValidationFailed, $"The order is {OrderView.NameOf(order.Status)}: nothing is left to do."),
            _ => TypedResults.Accepted((string?)null, StuckOrder.Of(order)),
        };
    }

    internal sealed record StuckOrder(
        string Id, OrderStatus Status, string Step, Awaiting Awaiting, int Attempts, DateTimeOffset? DueAt, DateTimeOffset UpdatedAt)
    {
        public static StuckOrder Of(Order order) => new(
            order.Id.ToString(CultureInfo.InvariantCulture),
            order.Status,
            order.Step.ToString(),
            order.Awaiting,
            order.Attempts,
            order.DueAt,
            order.UpdatedAt);
    }
}
