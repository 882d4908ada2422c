using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.Inventory.Products;
using Shop.Inventory.Stock;
using Shop.Inventory.Storage;

namespace Shop.Inventory.Reservations;

/// <summary>Inventory's part in every checkout: reserve holds stock, take sells what is held, release undoes either.</summary>
/// <remarks>Any operation may arrive twice, late or before the one it follows. Each is recorded with its effect, and a repeat gets the
/// record: it is never decided a second time, because the stock has moved on since.</remarks>
internal sealed partial class StockOperations(
    ProductCache cache, IOptionsMonitor<GuardOptions> guards, IOptions<CleanUpOptions> cleanUp, TimeProvider clock, ILogger<StockOperations> logger) : IParticipant<InventoryDbContext>
{
    public string Service => ServiceNames.Inventory;

    public async Task<IReadOnlyList<Operation>> ApplyAsync(
        InventoryDbContext db, IReadOnlyList<OrderMessage> commands, CancellationToken cancellationToken)
    {
        long[] orderIds = [.. commands.Select(c => c.OrderId).Distinct()];
        var log = await OperationLog.LoadAsync(db, orderIds, clock.GetStorageTime(), cleanUp.Value.BeginsFor, guards.CurrentValue, cancellationToken);

        // Rows are locked in key order, reservations before stock, so that two batches wait for each other but never both.
        var reservations = await db.LockReservationsAsync(orderIds, cancellationToken);
        var lines = commands.OfType<ReserveStock>().SelectMany(LinesOf).Concat(reservations.Values.SelectMany(r => r.Lines));
        var stock = await db.LockStockAsync([.. lines.Select(l => l.Sku).Distinct()], cancellationToken);

        var batch = new Batch(db, log, reservations, stock, logger);
        var operations = commands.Select(batch.Apply).ToList();
        cache.Move(db, stock.Keys);
        return operations;
    }

    public OrderMessage Confirm(long orderId) => new TakeStock(orderId);

    public OrderMessage Cancel(long orderId) => new ReleaseStock(orderId);

    public OrderMessage Undo(long orderId) => new ReleaseStock(orderId);

    public async Task<IReadOnlyList<long>> ExpiredAsync(InventoryDbContext db, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        await db.Reservations
            .Where(r => r.State == FactStates.Held && r.ExpiresAt <= now)
            .OrderBy(r => r.ExpiresAt)
            .Select(r => r.OrderId)
            .Take(most)
            .ToListAsync(cancellationToken);

    public OrderMessage? ReactionTo(OrderMessage message) => message switch
    {
        OrderPlaced placed => new ReserveStock(placed.OrderId, placed.Lines),
        PaymentCaptured => new TakeStock(message.OrderId),
        PaymentDeclined or OrderCancelled => new ReleaseStock(message.OrderId),
        _ => null,
    };

    // Said again at each repeat: the first time may be what was lost.
    public IEnumerable<(string Destination, OrderMessage Event)> EventsAfter(OrderMessage message, Operation operation)
    {
        if (message is OrderPlaced placed && operation.Outcome is OperationOutcome.Done)
        {
            yield return (ServiceNames.Payments, new StockReserved(placed.OrderId, placed.CustomerId, placed.Total));
        }
    }

    private static IReadOnlyList<StockLine> LinesOf(ReserveStock reserve) =>
        reserve.Lines is { Count: > 0 } lines && lines.All(l => l.Quantity > 0) && lines.DistinctBy(l => l.Sku).Count() == lines.Count
            ? lines
            : throw new ArgumentException($"Order {reserve.OrderId} must name at least one SKU, each once and with a positive quantity."); // to refuse it would blame the stock for a bug

    // Everything a batch needs is in memory: later operations see what earlier ones of the same batch did, and a SKU is written once.
    private sealed class Batch(
        InventoryDbContext db, OperationLog log, Dictionary<long, Reservation> reservations, Dictionary<string, StockItem> stock, ILogger logger)
    {
        // The record comes before the stock: asking the stock first would refuse the repeat of a reserve that took the last item.
        public Operation Apply(OrderMessage command) => command switch
        {
            ReserveStock reserve => log.Find(reserve.OrderId, OperationNames.Reserve) ?? Reserve(reserve),
            TakeStock => log.Find(command.OrderId, OperationNames.Take) ?? Take(command.OrderId),
            ReleaseStock => log.Find(command.OrderId, OperationNames.Release) ?? Release(command.OrderId),
            CorrectRelease correct => Corrected(correct),
            _ => throw new NotSupportedException($"Inventory does not handle {command.GetType().Name}."),
        };

        private Operation Reserve(ReserveStock reserve)
        {
            var (orderId, lines, expiresAt) = reserve;
            if (log.IsForgotten(orderId))
            {
                return log.Refused(orderId, OperationNames.Reserve, Reasons.TooLate);
            }

            if (!lines.All(line => stock.GetValueOrDefault(line.Sku)?.CanHold(line.Quantity) is true))
            {
                return log.Refused(orderId, OperationNames.Reserve, Reasons.OutOfStock);
            }

            Move(lines, (item, quantity) => item.Hold(quantity));
            reservations.Add(orderId, Reservation.Hold(orderId, lines, expiresAt));
            db.Add(reservations[orderId]);
            return log.Done(orderId, OperationNames.Reserve);
        }

        private Operation Take(long orderId)
        {
            // A repeat whose record is gone: what is sold tells how the first time ended.
            if (log.IsForgotten(orderId) && reservations.GetValueOrDefault(orderId) is { State: FactStates.Sold })
            {
                return log.Done(orderId, OperationNames.Take);
            }

            // Recorded like any refusal: the answer says "never will be", so a reserve that comes later must not make it untrue.
            if (reservations.GetValueOrDefault(orderId) is not { } reservation || !reservation.TrySell())
            {
                Log.NothingToTake(logger, orderId);
                return log.Refused(orderId, OperationNames.Take, Reasons.NotReserved);
            }

            Move(reservation.Lines, (item, quantity) => item.Sell(quantity));
            return log.Done(orderId, OperationNames.Take);
        }

        private Operation Release(long orderId)
        {
            Undo(orderId);
            return log.Done(orderId, OperationNames.Release);
        }

        private Operation Corrected(CorrectRelease correct)
        {
            var name = OperationNames.Of(OperationNames.CorrectRelease, correct.Difference);
            if (log.Find(correct.OrderId, name) is { } known)
            {
                return known;
            }

            Undo(correct.OrderId);
            return log.Done(correct.OrderId, name);
        }

        private void Undo(long orderId)
        {
            log.Tombstone(orderId, OperationNames.Reserve);

            if (reservations.GetValueOrDefault(orderId) is { } reservation)
            {
                if (reservation.TryPutBack())
                {
                    Move(reservation.Lines, (item, quantity) => item.PutBack(quantity));
                }
                else if (reservation.TryRestock())
                {
                    Move(reservation.Lines, (item, quantity) => item.Restock(quantity));
                }
            }
        }

        private void Move(IReadOnlyList<StockLine> lines, Action<StockItem, int> move)
        {
            foreach (var (sku, quantity) in lines)
            {
                move(stock[sku], quantity);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Order {OrderId} asked to take stock that it does not hold")]
        public static partial void NothingToTake(ILogger logger, long orderId);
    }
}
