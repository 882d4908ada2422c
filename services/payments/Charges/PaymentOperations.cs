using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;

namespace Shop.Payments.Charges;

/// <summary>Payments' part in every checkout: a charge takes the money at once; authorize, capture and void do it in two steps; refund gives back.</summary>
/// <remarks>Any may arrive twice or late, an undo before what it undoes. Each is recorded with its effect, and a repeat gets the
/// record: a declined charge stays declined, even if the wallet could pay by now.</remarks>
internal sealed partial class PaymentOperations(
    Bookkeeper books, IOptionsMonitor<GuardOptions> guards, IOptions<CleanUpOptions> cleanUp, TimeProvider clock, ILogger<PaymentOperations> logger)
    : IParticipant<PaymentsDbContext>
{
    public string Service => ServiceNames.Payments;

    public async Task<IReadOnlyList<Operation>> ApplyAsync(
        PaymentsDbContext db, IReadOnlyList<OrderMessage> commands, CancellationToken cancellationToken)
    {
        long[] orderIds = [.. commands.Select(c => c.OrderId).Distinct()];
        var log = await OperationLog.LoadAsync(db, orderIds, clock.GetStorageTime(), cleanUp.Value.BeginsFor, guards.CurrentValue, cancellationToken);

        // Rows are locked in key order, payments before wallets, so that two batches wait for each other but never both.
        var payments = await db.LockPaymentsAsync(orderIds, cancellationToken);
        var customers = commands.Select(PayerOf).OfType<long>().Concat(payments.Values.Select(p => p.CustomerId));
        var wallets = await db.LockWalletsAsync([.. customers.Distinct()], cancellationToken);

        var booked = commands.Any(c => c is CorrectCharge or CorrectSurplus) ? await db.BookedAsync(orderIds, cancellationToken) : [];

        var batch = new Batch(db, log, payments, wallets, booked, books, logger);
        return [.. commands.Select(batch.Apply)];
    }

    public OrderMessage Confirm(long orderId) => new CapturePayment(orderId);

    public OrderMessage Cancel(long orderId) => new VoidPayment(orderId);

    public OrderMessage Undo(long orderId) => new RefundPayment(orderId);

    public async Task<IReadOnlyList<long>> ExpiredAsync(PaymentsDbContext db, DateTimeOffset now, int most, CancellationToken cancellationToken) =>
        await db.Payments
            .Where(p => p.State == FactStates.Authorized && p.ExpiresAt <= now)
            .OrderBy(p => p.ExpiresAt)
            .Select(p => p.OrderId)
            .Take(most)
            .ToListAsync(cancellationToken);

    public OrderMessage? ReactionTo(OrderMessage message) => message switch
    {
        StockReserved reserved => new ChargePayment(reserved.OrderId, reserved.CustomerId, reserved.Total),
        OrderCancelled => new RefundPayment(message.OrderId),
        _ => null,
    };

    // Said again at each repeat: the first time may be what was lost.
    public IEnumerable<(string Destination, OrderMessage Event)> EventsAfter(OrderMessage message, Operation operation)
    {
        if (message is StockReserved)
        {
            var captured = operation.Outcome is OperationOutcome.Done;
            yield return (ServiceNames.Inventory, captured ? new PaymentCaptured(message.OrderId) : new PaymentDeclined(message.OrderId));
        }
    }

    private static long? PayerOf(OrderMessage command) => command switch
    {
        ChargePayment charge => Checked(charge.Amount, charge.CustomerId),
        AuthorizePayment authorize => Checked(authorize.Amount, authorize.CustomerId),
        CorrectCharge charge => Checked(charge.Amount, charge.CustomerId),
        CorrectSurplus surplus => Checked(surplus.Amount, surplus.CustomerId),
        _ => null,
    };

    private static long Checked(Money amount, long customerId) => amount is { Amount: >= 0, Currency: not null }
        ? customerId
        : throw new ArgumentException($"Customer {customerId} cannot be charged {amount}.", nameof(amount)); // it would pay the customer

    // Everything a batch needs is in memory: later operations see what earlier ones of the same batch did, and a wallet is written once.
    private sealed class Batch(
        PaymentsDbContext db,
        OperationLog log,
        Dictionary<long, Payment> payments,
        Dictionary<long, Wallet> wallets,
        Dictionary<long, long> booked,
        Bookkeeper books,
        ILogger logger)
    {
        public Operation Apply(OrderMessage command) => command switch
        {
            ChargePayment charge => log.Find(charge.OrderId, OperationNames.Charge) ?? Charge(charge),
            RefundPayment => log.Find(command.OrderId, OperationNames.Refund) ?? Refund(command.OrderId),
            AuthorizePayment authorize => log.Find(authorize.OrderId, OperationNames.Authorize) ?? Authorize(authorize),
            CapturePayment => log.Find(command.OrderId, OperationNames.Capture) ?? Capture(command.OrderId),
            VoidPayment => log.Find(command.OrderId, OperationNames.Void) ?? Void(command.OrderId),
            CorrectVoid correct => Once(command.OrderId, OperationNames.CorrectVoid, correct.Difference, name => CorrectVoid(command.OrderId, name)),
            CorrectRefund correct => Once(command.OrderId, OperationNames.CorrectRefund, correct.Difference, name => CorrectRefund(command.OrderId, name)),
            CorrectCharge correct => Once(command.OrderId, OperationNames.CorrectCharge, correct.Difference, name => CorrectCharge(correct, name)),
            CorrectSurplus correct => Once(command.OrderId, OperationNames.CorrectSurplus, correct.Difference, name => CorrectSurplus(correct, name)),
            _ => throw new NotSupportedException($"Payments do not handle {command.GetType().Name}."),
        };

        private Operation Charge(ChargePayment charge)
        {
            var (orderId, customerId, amount) = charge;
            if (log.IsForgotten(orderId))
            {
                return log.Refused(orderId, OperationNames.Charge, Reasons.TooLate);
            }

            if (wallets.GetValueOrDefault(customerId) is not { } wallet || !books.TryCharge(db, wallet, amount, orderId))
            {
                return log.Refused(orderId, OperationNames.Charge, WhyNot(customerId));
            }

            Add(Payment.Captured(orderId, customerId, amount));
            return log.Done(orderId, OperationNames.Charge);
        }

        private Operation Authorize(AuthorizePayment authorize)
        {
            var (orderId, customerId, amount, expiresAt) = authorize;
            if (log.IsForgotten(orderId))
            {
                return log.Refused(orderId, OperationNames.Authorize, Reasons.TooLate);
            }

            if (wallets.GetValueOrDefault(customerId) is not { } wallet || !books.TryHold(db, wallet, amount, orderId))
            {
                return log.Refused(orderId, OperationNames.Authorize, WhyNot(customerId));
            }

            Add(Payment.Authorized(orderId, customerId, amount, expiresAt));
            return log.Done(orderId, OperationNames.Authorize);
        }

        private Operation Capture(long orderId)
        {
            // A repeat whose record is gone: what is captured tells how the first time ended.
            if (log.IsForgotten(orderId) && payments.GetValueOrDefault(orderId) is { State: FactStates.Captured })
            {
                return log.Done(orderId, OperationNames.Capture);
            }

            if (payments.GetValueOrDefault(orderId) is not { } payment || !payment.TryCapture())
            {
                Log.NothingToCapture(logger, orderId);
                return log.Refused(orderId, OperationNames.Capture, Reasons.NotAuthorized);
            }

            books.Capture(db, wallets[payment.CustomerId], payment.Amount, orderId);
            return log.Done(orderId, OperationNames.Capture);
        }

        private Operation Void(long orderId)
        {
            log.Tombstone(orderId, OperationNames.Authorize);

            if (payments.GetValueOrDefault(orderId) is { } payment && payment.TryVoid())
            {
                books.Void(db, wallets[payment.CustomerId], payment.Amount, orderId);
            }

            return log.Done(orderId, OperationNames.Void);
        }

        private Operation Refund(long orderId)
        {
            log.Tombstone(orderId, OperationNames.Charge);

            // Also where a capture is still to come, as when an order is given up after it was decided: that finds nothing to capture then.
            if (payments.GetValueOrDefault(orderId) is { } payment)
            {
                if (payment.TryRefund())
                {
                    books.Refund(db, wallets[payment.CustomerId], payment.Amount, orderId);
                }
                else if (payment.TryVoid())
                {
                    books.Void(db, wallets[payment.CustomerId], payment.Amount, orderId);
                }
            }

            return log.Done(orderId, OperationNames.Refund);
        }

        private Operation Once(long orderId, string correction, string difference, Func<string, Operation> correct)
        {
            var name = OperationNames.Of(correction, difference);
            return log.Find(orderId, name) ?? correct(name);
        }

        private Operation CorrectVoid(long orderId, string name)
        {
            log.Tombstone(orderId, OperationNames.Authorize);
            if (payments.GetValueOrDefault(orderId) is { } payment && payment.TryVoid())
            {
                books.Void(db, wallets[payment.CustomerId], payment.Amount, orderId, EntryKinds.Correction);
            }

            return log.Done(orderId, name);
        }

        private Operation CorrectRefund(long orderId, string name)
        {
            log.Tombstone(orderId, OperationNames.Charge);
            if (payments.GetValueOrDefault(orderId) is { } payment && payment.TryRefund())
            {
                books.Refund(db, wallets[payment.CustomerId], payment.Amount, orderId, EntryKinds.Correction);
            }

            return log.Done(orderId, name);
        }

        // What was undone since, or booked without a payment, is another difference than the one that was looked at.
        private Operation CorrectCharge(CorrectCharge charge, string name)
        {
            var (orderId, _, customerId, amount) = charge;
            if (log.Find(orderId, OperationNames.Refund) is not null || booked.GetValueOrDefault(orderId) != 0)
            {
                return log.Refused(orderId, name, Reasons.Changed);
            }

            if (payments.GetValueOrDefault(orderId) is { } payment)
            {
                if (payment.Amount != amount || !payment.TryCapture())
                {
                    return log.Refused(orderId, name, Reasons.Changed);
                }

                books.Capture(db, wallets[payment.CustomerId], amount, orderId, EntryKinds.Correction);
                return log.Done(orderId, name);
            }

            if (wallets.GetValueOrDefault(customerId) is not { } wallet || !books.TryCharge(db, wallet, amount, orderId, EntryKinds.Correction))
            {
                return log.Refused(orderId, name, WhyNot(customerId));
            }

            Add(Payment.Captured(orderId, customerId, amount));
            return log.Done(orderId, name);
        }

        private Operation CorrectSurplus(CorrectSurplus surplus, string name)
        {
            var (orderId, _, customerId, amount) = surplus;
            var owed = payments.GetValueOrDefault(orderId) is { State: FactStates.Captured } payment ? payment.Amount.Amount : 0;
            if (booked.GetValueOrDefault(orderId) - owed != amount.Amount || wallets.GetValueOrDefault(customerId) is not { } wallet)
            {
                return log.Refused(orderId, name, Reasons.Changed);
            }

            books.Refund(db, wallet, amount, orderId, EntryKinds.Correction);
            return log.Done(orderId, name);
        }

        private string WhyNot(long customerId) =>
            wallets.GetValueOrDefault(customerId) is { IsClosed: true } ? Reasons.WalletClosed : Reasons.PaymentDeclined;

        private void Add(Payment payment)
        {
            payments.Add(payment.OrderId, payment);
            db.Add(payment);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Order {OrderId} asked to capture what is not authorized: a correct coordinator never does")]
        public static partial void NothingToCapture(ILogger logger, long orderId);
    }
}
