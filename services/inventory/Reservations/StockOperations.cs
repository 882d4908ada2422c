using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts.Messages;
using Shop.Inventory.Stock;
using Shop.Inventory.Storage;

namespace Shop.Inventory.Reservations;

/// <summary>Inventory's part in every checkout: reserve holds stock, take sells what is held, release undoes either.</summary>
/// <remarks>Any operation may arrive twice, late or before the one it follows. Each is recorded with its effect, and a repeat gets the
/// record: it is never decided a second time, because the stock has moved on since.</remarks>
internal sealed partial class StockOperations(TimeProvider clock, ILogger<StockOperations> logger)
{
    /// <summary>Applies a batch within the caller's transaction and returns what is recorded for each operation, in their order.</summary>
    public async Task<IReadOnlyList<Operation>> ApplyAsync(
        InventoryDbContext db, IReadOnlyList<StockOperation> operations, CancellationToken cancellationToken)
    {
        long[] orderIds = [.. operations.Select(o => o.OrderId).Distinct()];
        var log = await OperationLog.LoadAsync(db, orderIds, clock.GetStorageTime(), cancellationToken);

        // Rows are locked in key order, reservations before stock, so that two batches wait for each other but never both.
        var reservations = await db.LockReservationsAsync(orderIds, cancellationToken);
        var lines = operations.SelectMany(o => o.Lines).Concat(reservations.Values.SelectMany(r => r.Lines));
        var stock = await db.LockStockAsync([.. lines.Select(l => l.Sku).Distinct()], cancellationToken);

        var batch = new Batch(db, log, reservations, stock, logger);
        return [.. operations.Select(batch.Apply)];
    }

    // Everything a batch needs is in memory: later operations see what earlier ones of the same batch did, and a SKU is written once.
    private sealed class Batch(
        InventoryDbContext db, OperationLog log, Dictionary<long, Reservation> reservations, Dictionary<string, StockItem> stock, ILogger logger)
    {
        // The record comes before the stock: asking the stock first would refuse the repeat of a reserve that took the last item.
        public Operation Apply(StockOperation operation) => log.Find(operation.OrderId, operation.Name) ?? operation.Name switch
        {
            OperationNames.Reserve => Reserve(operation.OrderId, operation.Lines),
            OperationNames.Take => Take(operation.OrderId),
            OperationNames.Release => Release(operation.OrderId),
            _ => throw new NotSupportedException($"The stock has no operation {operation.Name}."),
        };

        private Operation Reserve(long orderId, IReadOnlyList<StockLine> lines)
        {
            if (!lines.All(line => stock.GetValueOrDefault(line.Sku)?.CanHold(line.Quantity) is true))
            {
                return log.Refused(orderId, OperationNames.Reserve, Reasons.OutOfStock);
            }

            Move(lines, (item, quantity) => item.Hold(quantity));
            reservations.Add(orderId, Reservation.Hold(orderId, lines));
            db.Add(reservations[orderId]);
            return log.Done(orderId, OperationNames.Reserve);
        }

        private Operation Take(long orderId)
        {
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

            return log.Done(orderId, OperationNames.Release);
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
        [LoggerMessage(LogLevel.Error, "Order {OrderId} asked to take stock that it does not hold: a correct coordinator never does")]
        public static partial void NothingToTake(ILogger logger, long orderId);
    }
}
