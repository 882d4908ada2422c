using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Checkout;
using Shop.Ordering.Intake;
using Shop.Ordering.Invoices;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Orders;

internal static class OrderEndpoints
{
    private const string WhereItIs = "Where the order is.";
    private const string WhenToLook = "In how many seconds to look again.";
    private const string WasMadeBefore = "\"true\" where an earlier request with this key made the order.";

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/v1/orders").WithTags("Orders").RequireCustomer();
        orders.MapPost("/", PlaceAsync)
            .WithName("placeOrder")
            .WithSummary("Place an order")
            .WithDescription("Recorded when it is answered; what becomes of it is decided by the checkout. Without lines the cart is ordered.")
            .Accepts<PlaceOrder>("application/json")
            .Produces<OrderView>()
            .Produces<OrderView>(StatusCodes.Status202Accepted)
            .Sends(StatusCodes.Status200OK, "Location", WhereItIs)
            .Sends(StatusCodes.Status200OK, ShopHeaders.PreferenceApplied, "wait=S, where the answer has waited for the final state.")
            .Sends(StatusCodes.Status200OK, ShopHeaders.IdempotentReplayed, WasMadeBefore)
            .Sends(StatusCodes.Status202Accepted, "Location", WhereItIs)
            .Sends(StatusCodes.Status202Accepted, "Retry-After", WhenToLook)
            .Sends(StatusCodes.Status202Accepted, ShopHeaders.IdempotentReplayed, WasMadeBefore)
            .Refuses(
                ProblemCatalogue.CheckoutNotSupported, ProblemCatalogue.IdempotencyKeyMissing, ProblemCatalogue.IdempotencyKeyInvalid,
                ProblemCatalogue.RequestInProgress, ProblemCatalogue.IdempotencyKeyReused);
        orders.MapGet("/", ListAsync)
            .WithName("listOrders")
            .WithSummary("Your orders, newest first")
            .WithMetadata(new DocumentedParameter("status", InHeader: false, Required: false, "string", "Only orders with this status.")
            {
                Values = [.. Enum.GetValues<OrderStatus>().Select(OrderView.NameOf)],
            })
            .Refuses(ProblemCatalogue.ValidationFailed);
        orders.MapGet("/{id:long}", GetAsync)
            .WithName("getOrder")
            .WithSummary("One order")
            .Sends(StatusCodes.Status200OK, "Retry-After", "When to look again, until the order is final.")
            .Refuses(ProblemCatalogue.NotFound);
        orders.MapGet("/{id:long}/history", HistoryAsync)
            .WithName("getOrderHistory")
            .WithSummary("Every step of the order's checkout, with retries and compensations")
            .Refuses(ProblemCatalogue.NotFound);
        orders.MapPost("/{id:long}/cancel", CancelAsync)
            .WithName("cancelOrder")
            .WithSummary("Cancel an order")
            .WithDescription("Accepted, it always ends in cancelled: what was held is released, what was charged is refunded.")
            .Produces<OrderView>(StatusCodes.Status202Accepted)
            .Sends(StatusCodes.Status202Accepted, "Location", WhereItIs)
            .Sends(StatusCodes.Status202Accepted, "Retry-After", WhenToLook)
            .Refuses(ProblemCatalogue.NotFound, ProblemCatalogue.NotCancellable);
        orders.MapOrderEvents();
        orders.MapInvoice();
    }

    // 202, not 201: the order is recorded here; the checkout decides what becomes of it.
    internal static async Task<IResult> PlaceAsync(
        PlaceOrder request,
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        PreferWait prefer,
        Customer customer,
        OrderIntake intake,
        OrderWatch watch,
        TimeProvider clock,
        CancellationToken cancellationToken) =>
        await intake.PlaceAsync(customer.Id, key.Value, fingerprint.Value, request, cancellationToken) switch
        {
            PlaceResult.Placed placed => await PlacedOrder.AnswerAsync(placed, prefer, watch, clock, cancellationToken),
            PlaceResult.KeyReused => Problems.IdempotencyKeyReused(),
            PlaceResult.Invalid invalid => Problems.Validation(invalid.Errors),
            PlaceResult.CheckoutNotSupported unsupported => Problems.CheckoutNotSupported(unsupported.Detail),
            PlaceResult.Overloaded => Problems.Overloaded(),
            PlaceResult.Unknown => Problems.Unavailable("Whether the order was stored is unknown; the same Idempotency-Key answers it."),
            PlaceResult.InProgress => Problems.RequestInProgress(),
            var other => throw new InvalidOperationException($"No answer for {other}."),
        };

    internal static async Task<Results<ConditionalOk<OrderView>, ProblemResult>> GetAsync(
        long id, Customer customer, HttpResponse response, Database<OrderingDbContext> database, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, customer, database, cancellationToken) is not { } order)
        {
            return new ProblemResult(ProblemCatalogue.NotFound);
        }

        if (!order.IsFinal)
        {
            response.Headers.RetryAfter = "1";
        }

        return Conditional.Ok(OrderView.Of(order), order.Version);
    }

    internal static async Task<PageResult<OrderView>> ListAsync(
        PageRequest page, Customer customer, Database<OrderingDbContext> database, string? status, CancellationToken cancellationToken)
    {
        var wanted = ParseStatus(status);
        var before = page.AfterNumber() ?? long.MaxValue;
        var orders = await database.ReadAsync(
            db => db.Orders
                .Where(o => o.CustomerId == customer.Id && o.Id < before && (wanted == null || o.Status == wanted))
                .OrderByDescending(o => o.Id)
                .Take(page.Take)
                .ToListAsync(cancellationToken),
            cancellationToken);
        return Page.Ok([.. orders.Select(OrderView.Of)], page, o => Cursor.From(long.Parse(o.Id, CultureInfo.InvariantCulture)));
    }

    internal static async Task<Results<Ok<IReadOnlyList<HistoryEntry>>, ProblemResult>> HistoryAsync(
        long id, Customer customer, Database<OrderingDbContext> database, CancellationToken cancellationToken) =>
        await FindAsync(id, customer, database, cancellationToken) is { } order
            ? TypedResults.Ok(order.History)
            : new ProblemResult(ProblemCatalogue.NotFound);

    internal static async Task<IResult> CancelAsync(
        long id,
        Customer customer,
        Database<OrderingDbContext> database,
        Checkouts checkouts,
        OrderWatch watch,
        HttpResponse response,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var (order, accepted) = await database.WriteOrRepeatAsync(
            async db =>
            {
                var found = await db.Orders.Where(o => o.Id == id && o.CustomerId == customer.Id).ForUpdate().SingleOrDefaultAsync(cancellationToken);
                if (found is null || checkouts.Of(found).Cancel(found, clock.GetStorageTime()) is not { } commands)
                {
                    return (found, false);
                }

                await checkouts.SendAsync(db, [new Checkouts.Move(found, commands)], cancellationToken);
                db.OnCommitted(() => watch.Publish([found]));
                return (found, true);
            },
            cancellationToken);

        if (order is null)
        {
            return Problems.NotFound();
        }

        if (!accepted)
        {
            return Problems.NotCancellable();
        }

        response.Headers.RetryAfter = "1";
        return TypedResults.Accepted(PlacedOrder.LocationOf(id), OrderView.Of(order));
    }

    /// <summary>The order, if it is this customer's: another customer's order is not there.</summary>
    internal static Task<Order?> FindAsync(
        long id, Customer customer, Database<OrderingDbContext> database, CancellationToken cancellationToken) =>
        database.ReadAsync(
            db => db.Orders.SingleOrDefaultAsync(o => o.Id == id && o.CustomerId == customer.Id, cancellationToken), cancellationToken);

    private static OrderStatus? ParseStatus(string? status) => status switch
    {
        null => null,
        _ when Enum.GetValues<OrderStatus>().Where(s => OrderView.NameOf(s) == status).Take(1).ToList() is [var known] => known,
        _ => throw ProblemException.Invalid("status", $"One of {string.Join(", ", Enum.GetValues<OrderStatus>().Select(OrderView.NameOf))}."),
    };
}
