using Shop.BuildingBlocks.Storage;
using System.Globalization;
using Microsoft.Extensions.Options;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Invariants;

/// <summary>Proves the shop's five invariants from what the services say of themselves: a merge join of three streams in order-id order, in
/// memory that grows with the number of SKUs and not with the number of orders.</summary>
/// <remarks>
/// Safe while the system works. The snapshots are taken one after the other, ordering's first, so an order may seem wrong because it moved
/// in between: every suspicion is looked up again, and only an order that stayed the same while its facts contradict it is a violation.
/// What it cannot show: anything that all three services agree on and that is false, such as an acknowledged order of which no trace is
/// left anywhere. For that a client must remember its acknowledgements.
/// </remarks>
internal sealed class InvariantChecker(IFacts facts, IOptions<InvariantOptions> options, TimeProvider clock)
{
    // How many there are stands among the states.
    private const int MaxListed = 1_000;

    public async Task<InvariantReport> CheckAsync(CancellationToken cancellationToken)
    {
        var run = new Run(facts, clock.GetStorageTime(), options.Value.OverdueAfter, cancellationToken);
        await run.MergeAsync();
        return run.Report();
    }

    private sealed class Run(IFacts facts, DateTimeOffset now, TimeSpan overdueAfter, CancellationToken cancellationToken)
    {
        private readonly Findings _stock = new(1, "stock: available + reserved + sold = received, and equals the reservations");
        private readonly Findings _money = new(2, "money: wallets + held + captured - refunded = welcome + deposits; the ledger sums to 0");
        private readonly Findings _atomicity = new(3, "an order is confirmed exactly when sold once, captured once and invoiced once; else nothing is held, sold, charged or billed");
        private readonly Findings _liveness = new(4, "no order is lost, and each becomes final in bounded time");
        private readonly Findings _idempotency = new(5, "one (customer, Idempotency-Key) makes at most one order");

        private readonly Dictionary<string, (long Held, long Sold)> _bySku = [];
        private readonly Dictionary<string, long> _byStatus = [];
        private readonly List<string> _needsAttention = [];
        private long _orders;
        private long _inFlight;
        private long _captured;
        private long _refunded;
        private long _authorized;

        public async Task MergeAsync()
        {
            await using var join = new FactJoin(facts, cancellationToken);
            await foreach (var (id, order, reservation, payment) in join.OrdersAsync())
            {
                await JoinAsync(id, order, reservation, payment);
            }

            await CheckStockAsync(join.StockAsync());
            await CheckMoneyAsync(join);
            await CheckKeysAsync();
        }

        public InvariantReport Report()
        {
            InvariantVerdict[] verdicts = [_stock.Verdict(), _money.Verdict(), _atomicity.Verdict(), _liveness.Verdict(), _idempotency.Verdict()];
            return new InvariantReport(verdicts.All(v => v.Holds), now, _orders, _byStatus, _inFlight, _needsAttention, verdicts);
        }

        private async Task JoinAsync(long id, OrderFact? order, ReservationFact? reservation, PaymentFact? payment)
        {
            Count(order, reservation, payment);
            if (order is null)
            {
                // Either it came after ordering's snapshot, or it is gone.
                if (await facts.OrderAsync(id, cancellationToken) is null)
                {
                    _liveness.Require(false, $"order {id} is lost: others know it, ordering does not", reservation, payment);
                }
                else
                {
                    _inFlight++;
                }

                return;
            }

            _liveness.Checked();
            if (!IsFinal(order))
            {
                _inFlight++;
                if (order.Status == OrderView.NameOf(OrderStatus.NeedsAttention))
                {
                    if (_needsAttention.Count < MaxListed)
                    {
                        _needsAttention.Add(id.ToString(CultureInfo.InvariantCulture));
                    }
                }
                else
                {
                    _liveness.Require(now - order.UpdatedAt <= overdueAfter || await HasMovedAsync(order), $"order {id} is still {order.Status}", order);
                }

                return;
            }

            _atomicity.Checked();
            if (Contradiction(order, reservation, payment) is not null)
            {
                await LookAgainAsync(order);
            }
        }

        private async Task LookAgainAsync(OrderFact order)
        {
            var (_, current, reservation, payment) = await FactJoin.LookAgainAsync(facts, order.OrderId, cancellationToken) ?? new(order.OrderId, null, null, null);
            if (current?.Version != order.Version)
            {
                _inFlight++;
            }
            else if (Contradiction(order, reservation, payment) is { } contradiction)
            {
                _atomicity.Require(false, contradiction, order, reservation, payment);
            }
        }

        private async Task<bool> HasMovedAsync(OrderFact order) =>
            await facts.OrderAsync(order.OrderId, cancellationToken) is not { } current || current.Version != order.Version;

        private static string? Contradiction(OrderFact order, ReservationFact? reservation, PaymentFact? payment)
        {
            if (order.Status == OrderView.NameOf(OrderStatus.Confirmed))
            {
                return reservation?.State is not FactStates.Sold ? $"order {order.OrderId} is confirmed, but its stock is not sold"
                    : !SameLines(order.Lines, reservation.Lines) ? $"order {order.OrderId} is confirmed, but other stock was sold than ordered"
                    : payment?.State is not FactStates.Captured ? $"order {order.OrderId} is confirmed, but its payment is not captured"
                    : payment.Amount != order.Total ? $"order {order.OrderId} is confirmed, but another amount was captured than its total"
                    : order is not { Invoices: 1, CreditNotes: 0 } ? $"order {order.OrderId} is confirmed, but has {order.Invoices} invoices and {order.CreditNotes} credit notes"
                    : null;
            }

            return reservation?.State is FactStates.Held or FactStates.Sold ? $"order {order.OrderId} is {order.Status}, but stock is {reservation.State}"
                : payment is not null and not { State: FactStates.Refunded or FactStates.Voided } ? $"order {order.OrderId} is {order.Status}, but its payment is {payment.State}"
                : order.Invoices != order.CreditNotes ? $"order {order.OrderId} is {order.Status}, but has {order.Invoices} invoices and {order.CreditNotes} credit notes"
                : null;
        }

        private void Count(OrderFact? order, ReservationFact? reservation, PaymentFact? payment)
        {
            if (order is not null)
            {
                _orders++;
                _byStatus[order.Status] = _byStatus.GetValueOrDefault(order.Status) + 1;
            }

            foreach (var line in reservation?.Lines ?? [])
            {
                var (held, sold) = _bySku.GetValueOrDefault(line.Sku);
                _bySku[line.Sku] = reservation!.State switch
                {
                    FactStates.Held => (held + line.Quantity, sold),
                    FactStates.Sold => (held, sold + line.Quantity),
                    _ => (held, sold),
                };
            }

            _captured += payment?.State is FactStates.Captured or FactStates.Refunded ? payment.Amount.Amount : 0;
            _refunded += payment?.State is FactStates.Refunded ? payment.Amount.Amount : 0;
            _authorized += payment?.State is FactStates.Authorized ? payment.Amount.Amount : 0;
            if (payment is { Booked: { } booked })
            {
                // From one snapshot too.
                _money.Require(
                    booked == (payment.State is FactStates.Captured ? payment.Amount.Amount : 0),
                    $"the payment of order {payment.OrderId} is {payment.State}, but the ledger has {booked} for it",
                    payment);
            }
        }

        // Reservations and counters come from one snapshot, so they must agree at every moment, not only at a quiet one.
        private async Task CheckStockAsync(IAsyncEnumerable<StockFact> all)
        {
            await foreach (var stock in all)
            {
                _stock.Checked();
                var (held, sold) = _bySku.GetValueOrDefault(stock.Sku);
                _bySku.Remove(stock.Sku);
                _stock.Require(stock is { Available: >= 0, Reserved: >= 0, Sold: >= 0 }, $"{stock.Sku}: a counter is negative", stock);
                _stock.Require(
                    stock.Available + stock.Reserved + stock.Sold == stock.Received, $"{stock.Sku}: available + reserved + sold is not what was received", stock);
                _stock.Require(
                    stock.Reserved == held && stock.Sold == sold,
                    $"{stock.Sku}: the reservations add up to {held} held and {sold} sold",
                    stock);
            }

            foreach (var (sku, (held, sold)) in _bySku)
            {
                _stock.Require(held == 0 && sold == 0, $"{sku}: {held} held and {sold} sold, but it has no stock");
            }
        }

        private async Task CheckMoneyAsync(FactJoin join)
        {
            await foreach (var account in join.AccountsAsync())
            {
                _money.Checked();
                _money.Require(account is { Balance: >= 0, Held: >= 0 }, $"wallet of customer {account.CustomerId} is negative", account);
                _money.Require(
                    account.Balance == account.LedgerBalance && account.Held == account.LedgerHeld,
                    $"wallet of customer {account.CustomerId} differs from its ledger",
                    account);
            }

            var ledger = join.Ledger;
            _money.Checked();
            _money.Require(ledger is not null, "payments did not state its ledger");
            if (ledger is null)
            {
                return;
            }

            _money.Require(ledger is { EntriesSum: 0, UnbalancedTransactions: 0 }, "the ledger does not sum to 0", ledger);
            _money.Require(
                ledger.Wallets + ledger.Held + ledger.Captured - ledger.Refunded + ledger.Corrected == ledger.Welcome + ledger.Deposits,
                "wallets + held + captured - refunded + corrected is not welcome + deposits",
                ledger);
            _money.Require(
                ledger.Captured - ledger.Refunded + ledger.Corrected == _captured - _refunded,
                $"the payments add up to {_captured} captured and {_refunded} refunded",
                ledger);
            _money.Require(ledger.Held == _authorized, $"the payments add up to {_authorized} authorized", ledger);
        }

        private async Task CheckKeysAsync()
        {
            _idempotency.Checked();
            await foreach (var duplicate in facts.DuplicateKeysAsync(cancellationToken))
            {
                _idempotency.Require(false, $"key {duplicate.Key} made {duplicate.Orders} orders", duplicate);
            }
        }

        private static bool IsFinal(OrderFact order) =>
            order.Status == OrderView.NameOf(OrderStatus.Confirmed)
            || order.Status == OrderView.NameOf(OrderStatus.Rejected)
            || order.Status == OrderView.NameOf(OrderStatus.Cancelled);

        private static bool SameLines(IReadOnlyList<StockLine> left, IReadOnlyList<StockLine> right) =>
            left.OrderBy(l => l.Sku, StringComparer.Ordinal).SequenceEqual(right.OrderBy(l => l.Sku, StringComparer.Ordinal));
    }
}
