using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Orders;

internal static class OrderEventsEndpoint
{
    // Shorter than any idle timeout on the way, so that a quiet stream is not taken for a dead one.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void MapOrderEvents(this IEndpointRouteBuilder orders) => orders.MapGet("/{id:long}/events", StreamAsync)
        .WithName("watchOrder")
        .WithSummary("The order's changes as server-sent events, until its final state")
        .WithDescription("event: order, id: the order's version. A reconnect with Last-Event-ID goes on from there.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
        .WithMetadata(new DocumentedParameter("Last-Event-ID", InHeader: true, Required: false, "string", "The id of the last event that was seen."))
        .Refuses(ProblemCatalogue.NotFound);

    internal static async Task<IResult> StreamAsync(
        long id,
        HttpRequest request,
        Customer customer,
        OrderWatch watch,
        Database<OrderingDbContext> database,
        IOptions<JsonOptions> json,
        TimeProvider clock,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        if (await OrderEndpoints.FindAsync(id, customer, database, cancellationToken) is null)
        {
            return Problems.NotFound();
        }

        _ = int.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var lastSeen);
        return TypedResults.Stream(
            async stream =>
            {
                // A stop ends the stream; the client reconnects with Last-Event-ID, by then to another replica.
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
                await WriteAsync(stream, watch.WatchAsync(id, lastSeen, stop.Token), json.Value.SerializerOptions, clock, stop.Token);
            },
            "text/event-stream");
    }

    private static async Task WriteAsync(
        Stream stream, IAsyncEnumerable<OrderView> changes, JsonSerializerOptions json, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var enumerator = changes.GetAsyncEnumerator(cancellationToken);
        var next = enumerator.MoveNextAsync().AsTask();
        try
        {
            // The first event may be far away, and a proxy passes the headers on with the first byte of the body.
            await SendAsync(": connected\n\n");
            while (true)
            {
                try
                {
                    if (!await next.WaitAsync(Heartbeat, clock, cancellationToken))
                    {
                        return;
                    }

                    await SendAsync($"event: order\nid: {enumerator.Current.Version}\ndata: {JsonSerializer.Serialize(enumerator.Current, json)}\n\n");
                    next = enumerator.MoveNextAsync().AsTask();
                }
                catch (TimeoutException)
                {
                    await SendAsync(": still here\n\n");
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The client left or the process stops. An enumerator must not be disposed while it moves.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task SendAsync(string text)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
    }
}
