using System.Globalization;
using Shop.Ordering.Intake;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Orders;

/// <summary>The answer to a placed order: 202 and where to look, or, for a caller who waits, the final state as 200.</summary>
internal sealed class PlacedOrder(OrderView order, bool replayed, string? waited) : IResult
{
    public static string LocationOf(long id) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/orders/{id}");

    public static async Task<IResult> AnswerAsync(
        PlaceResult.Placed placed, PreferWait prefer, OrderWatch watch, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (prefer.Wait is not { } wait)
        {
            return new PlacedOrder(placed.Order, placed.Replayed, waited: null);
        }

        var newest = placed.Order;
        using var timeUp = new CancellationTokenSource(wait, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeUp.Token, cancellationToken);
        try
        {
            await foreach (var changed in watch.WatchAsync(newest, stop.Token))
            {
                newest = changed;
            }
        }
        catch (OperationCanceledException) when (timeUp.IsCancellationRequested)
        {
            // The time is up: 202 with the state as it is.
        }

        return new PlacedOrder(newest, placed.Replayed, prefer.Applied);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.Location = $"/api/v1/orders/{order.Id}";
        if (replayed)
        {
            headers[ShopHeaders.IdempotentReplayed] = "true";
        }

        if (waited is not null && order.IsFinal)
        {
            headers[ShopHeaders.PreferenceApplied] = waited;
            return TypedResults.Ok(order).ExecuteAsync(httpContext);
        }

        headers.RetryAfter = "1";
        return TypedResults.Json(order, statusCode: StatusCodes.Status202Accepted).ExecuteAsync(httpContext);
    }
}
