using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Checkout;

/// <summary>What an operator does about orders that do not come to an end.</summary>
internal static class OperatorEndpoints
{
    private const int MaxReason = 200;
    private const int MaxConflicts = 5;

    public static void MapStuckOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/ops/orders").RequireOperatorKey();
        orders.MapGet("/stuck", StuckAsync);
        orders.MapPost("/{id:long}/retry", RetryAsync);
        orders.MapPost("/{id:long}/force-stop", ForceStopAsync);
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
        long id,
        OperatorName who,
        Database<OrderingDbContext> database,
        Checkouts checkouts,
        AuditTrail audit,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var order = await database.WriteAsync(
            async db =>
            {
                var found = await db.Orders.Where(o => o.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken);
                if (found is { IsFinal: false })
                {
                    var before = StuckOrder.Of(found);
                    var commands = checkouts.Of(found).Retry(found, clock.GetStorageTime());
                    await checkouts.SendAsync(db, [new Checkouts.Move(found, commands)], cancellationToken);
                    audit.Write(db, who.Value, "order.retried", before.Id, before, StuckOrder.Of(found));
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

    /// <summary>Gives the order up. Past the point of no return only an order that needs attention can be, and what it did is undone.</summary>
    internal static async Task<IResult> ForceStopAsync(
        long id,
        ForceStop request,
        OperatorName who,
        Database<OrderingDbContext> database,
        Checkouts checkouts,
        OrderWatch watch,
        AuditTrail audit,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        if (request.Reason.Trim() is not { Length: >= 1 and <= MaxReason } reason)
        {
            return Problems.Validation(nameof(request.Reason), $"Why, in 1 to {MaxReason} characters.");
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await database.WriteAsync(StopAsync, cancellationToken);
            }
            catch (Exception exception) when (exception.IsConflict() && attempt < MaxConflicts)
            {
                // A participant has asked what was decided meanwhile: asked again, that decision is found.
            }
        }

        async Task<IResult> StopAsync(OrderingDbContext db)
        {
            if (await db.Orders.Where(o => o.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken) is not { } order)
            {
                return Problems.NotFound();
            }

            var before = StuckOrder.Of(order);
            var now = clock.GetStorageTime();
            if (checkouts.Of(order).ForceStop(order, now) is not { } commands)
            {
                return Problems.Of(ProblemCatalogue.NotStoppable, $"The order is {OrderView.NameOf(order.Status)}, in step {order.Step}.");
            }

            await checkouts.SendAsync(db, [new Checkouts.Move(order, commands)], cancellationToken);
            db.OnCommitted(() => watch.Publish([order]));
            if (!CheckoutProtocol.IsGivenUp(order))
            {
                return Problems.Of(ProblemCatalogue.NotStoppable, "It was decided already that the order goes through.");
            }

            order.Record(now, ServiceNames.Ordering, "order", "force-stop", $"{who}: {reason}");
            audit.Write(db, who.Value, "order.force-stopped", before.Id, before, new { order = StuckOrder.Of(order), reason });
            return TypedResults.Accepted((string?)null, StuckOrder.Of(order));
        }
    }

    internal sealed record ForceStop(string Reason);

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
