using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts.Messages;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;

namespace Shop.Payments.Charges;

/// <summary>Payments' part in every checkout: charge authorizes and captures at once, refund gives back what was captured.</summary>
/// <remarks>Either may arrive twice or late, the refund before the charge too. Each is recorded with its effect, and a repeat gets the
/// record: a declined charge stays declined, even if the wallet could pay by now.</remarks>
internal sealed class PaymentOperations(Bookkeeper books, TimeProvider clock)
{
    /// <summary>Applies a batch within the caller's transaction and returns what is recorded for each operation, in their order.</summary>
    public async Task<IReadOnlyList<Operation>> ApplyAsync(
        PaymentsDbContext db, IReadOnlyList<PaymentOperation> operations, CancellationToken cancellationToken)
    {
        long[] orderIds = [.. operations.Select(o => o.OrderId).Distinct()];
        var log = await OperationLog.LoadAsync(db, orderIds, clock.GetStorageTime(), cancellationToken);

        // Rows are locked in key order, payments before wallets, so that two batches wait for each other but never both.
        var payments = await db.LockPaymentsAsync(orderIds, cancellationToken);
        var customers = operations.Where(o => o.Name == OperationNames.Charge).Select(o => o.CustomerId)
            .Concat(payments.Values.Select(p => p.CustomerId));
        var wallets = await db.LockWalletsAsync([.. customers.Distinct()], cancellationToken);

        var batch = new Batch(db, log, payments, wallets, books);
        return [.. operations.Select(batch.Apply)];
    }

    // Everything a batch needs is in memory: later operations see what earlier ones of the same batch did, and a wallet is written once.
    private sealed class Batch(
        PaymentsDbContext db, OperationLog log, Dictionary<long, Payment> payments, Dictionary<long, Wallet> wallets, Bookkeeper books)
    {
        public Operation Apply(PaymentOperation operation) => log.Find(operation.OrderId, operation.Name) ?? operation.Name switch
        {
            OperationNames.Charge => Charge(operation),
            OperationNames.Refund => Refund(operation.OrderId),
            _ => throw new NotSupportedException($"Payments have no operation {operation.Name}."),
        };

        private Operation Charge(PaymentOperation charge)
        {
            var (name, orderId, customerId, amount) = charge;
            if (wallets.GetValueOrDefault(customerId) is not { } wallet || !books.TryCharge(db, wallet, amount, orderId))
            {
                return log.Refused(orderId, name, Reasons.PaymentDeclined);
            }

            payments.Add(orderId, Payment.Capture(orderId, customerId, amount));
            db.Add(payments[orderId]);
            return log.Done(orderId, name);
        }

        private Operation Refund(long orderId)
        {
            log.Tombstone(orderId, OperationNames.Charge);

            if (payments.GetValueOrDefault(orderId) is { } payment && payment.TryRefund())
            {
                books.Refund(db, wallets[payment.CustomerId], payment.Amount, orderId);
            }

            return log.Done(orderId, OperationNames.Refund);
        }
    }
}
