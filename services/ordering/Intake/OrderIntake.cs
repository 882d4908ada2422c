using System.Globalization;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Checkout;
using Shop.Ordering.Orders;
using Shop.Ordering.Products;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Intake;

/// <summary>Takes orders in. Concurrent requests wait in a bounded queue; one writer commits all that wait in one transaction and then
/// answers each. Alone, a request waits for nobody.</summary>
/// <remarks>Group commit is from DeWitt et al., Implementation techniques for main memory database systems (1984). With it, and the same in relay and receivers, the shop
/// makes 0.8 commits for each order at its capacity, and 12 where each order comes alone.</remarks>
internal sealed partial class OrderIntake(
    Database<OrderingDbContext> database,
    ProductCatalogue products,
    Checkouts checkouts,
    CallQueue calls,
    OpenOrders open,
    SnowflakeIdGenerator ids,
    IOptionsMonitor<IntakeOptions> options,
    IOptions<GuardOptions> guards,
    TimeProvider clock,
    ILogger<OrderIntake> logger) : BackgroundService
{
    private const int MaxConflicts = 5;

    private readonly Channel<OrderDraft> _waiting = Channel.CreateBounded<OrderDraft>(
        new BoundedChannelOptions(options.CurrentValue.Capacity) { SingleReader = true });

    public async Task<PlaceResult> PlaceAsync(
        long customerId, string key, string fingerprint, PlaceOrder request, CancellationToken cancellationToken)
    {
        var checkout = request.Checkout ?? Saga.ProtocolName;
        if (checkouts.Find(checkout) is not { } protocol)
        {
            return new PlaceResult.CheckoutNotSupported($"One of {string.Join(", ", checkouts.Names)}.");
        }

        if (checkout is Xa.ProtocolName && !database.CanPrepare)
        {
            return new PlaceResult.CheckoutNotSupported("Two-phase commit needs prepared transactions, which the embedded database does not have; the cluster's has.");
        }

        var requestKey = string.Create(CultureInfo.InvariantCulture, $"{customerId}/{key}");
        var (lines, errors) = await PlaceOrderRules.PriceAsync(request, products, cancellationToken);
        if (errors.Count > 0)
        {
            // A key that is known is answered all the same: a repeat from the cart comes without lines, because its order has emptied it.
            var known = await database.ReadAsync(
                db => db.Orders.SingleOrDefaultAsync(o => o.RequestKey == requestKey, cancellationToken), cancellationToken);
            return known is null ? new PlaceResult.Invalid(errors) : AnswerFrom(known, fingerprint);
        }

        var draft = new OrderDraft(customerId, requestKey, fingerprint, checkout, lines);
        if (open.AreTooMany || (protocol.Calls && calls.IsFull) || !_waiting.Writer.TryWrite(draft))
        {
            return new PlaceResult.Overloaded();
        }

        try
        {
            // Not cancelled with the caller: the draft is in the queue, and an order that nobody waits for is still an order.
            return await draft.Result.Task.WaitAsync(options.CurrentValue.MaxWait, clock, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            return new PlaceResult.InProgress();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var batch = new List<OrderDraft>();

        // The web server stops first, so when this is told to stop, whoever still waits gets an answer.
        await using var stopping = stoppingToken.Register(() => _waiting.Writer.TryComplete());
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            var most = options.CurrentValue.MaxBatch;
            while (batch.Count < most && _waiting.Reader.TryRead(out var draft))
            {
                batch.Add(draft);
            }

            await CommitAsync(batch);
            batch.Clear();
        }
    }

    private async Task CommitAsync(IReadOnlyList<OrderDraft> batch, int attempt = 1)
    {
        try
        {
            var results = await database.WriteAsync(db => InsertAsync(db, batch), CancellationToken.None);
            CrashPoint.Hit(CrashPoint.AfterIntake);
            foreach (var (draft, result) in batch.Zip(results))
            {
                draft.Result.SetResult(result);
            }
        }
        catch (CommitOutcomeUnknownException exception)
        {
            Log.NotCommitted(logger, batch.Count, exception);
            AnswerAll(batch, new PlaceResult.Unknown());
        }
        catch (Exception exception) when (exception.IsConflict() && attempt < MaxConflicts)
        {
            // Another replica has taken one of the keys: repeated, this batch finds its order.
            await CommitAsync(batch, attempt + 1);
        }
        catch (Exception exception) when (exception.IsTransient() || batch.Count == 1)
        {
            Log.NotCommitted(logger, batch.Count, exception);
            AnswerAll(batch, new PlaceResult.Overloaded());
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // One bad order must not fail its neighbours.
            Log.Halved(logger, batch.Count, exception);
            var half = batch.Count / 2;
            await CommitAsync([.. batch.Take(half)]);
            await CommitAsync([.. batch.Skip(half)]);
        }
    }

    private async Task<List<PlaceResult>> InsertAsync(OrderingDbContext db, IReadOnlyList<OrderDraft> batch)
    {
        var keys = batch.Select(d => d.RequestKey).Distinct().ToList();
        var orders = guards.Value.Idempotency
            ? await db.Orders.AsNoTracking().Where(o => keys.Contains(o.RequestKey)).ToDictionaryAsync(o => o.RequestKey)
            : [];
        var results = new List<PlaceResult>(batch.Count);
        var moves = new List<Checkouts.Move>(batch.Count);
        foreach (var draft in batch)
        {
            // Equal keys in one batch meet here too: the first makes the order, its twins are answered with it.
            if (guards.Value.Idempotency && orders.TryGetValue(draft.RequestKey, out var known))
            {
                results.Add(AnswerFrom(known, draft.Fingerprint));
                continue;
            }

            var now = clock.GetStorageTime();
            var order = Order.Place(ids.Next(), draft.CustomerId, draft.RequestKey, draft.Fingerprint, draft.Checkout, draft.Lines, now);
            db.Orders.Add(order);
            moves.Add(new Checkouts.Move(order, checkouts.Of(order).Start(order, now)));
            orders[draft.RequestKey] = order;
            results.Add(new PlaceResult.Placed(OrderView.Of(order), Replayed: false));
        }

        await checkouts.SendAsync(db, moves, CancellationToken.None);
        return results;
    }

    private static PlaceResult AnswerFrom(Order known, string fingerprint) => known.Fingerprint == fingerprint
        ? new PlaceResult.Placed(OrderView.Of(known), Replayed: true)
        : new PlaceResult.KeyReused();

    private static void AnswerAll(IReadOnlyList<OrderDraft> batch, PlaceResult result)
    {
        foreach (var draft in batch)
        {
            draft.Result.SetResult(result);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Count} orders were not committed")]
        public static partial void NotCommitted(ILogger logger, int count, Exception exception);

        [LoggerMessage(LogLevel.Warning, "A batch of {Count} orders failed and is halved")]
        public static partial void Halved(ILogger logger, int count, Exception exception);
    }
}
