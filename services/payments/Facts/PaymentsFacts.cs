using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;
using Shop.ServiceDefaults;

namespace Shop.Payments.Facts;

/// <summary>What payments tells the invariant checker.</summary>
internal static class PaymentsFacts
{
    private const int ReadAtOnce = 500;

    public static void MapPaymentsFacts(this IEndpointRouteBuilder routes)
    {
        var facts = routes.MapGroup("/internal/facts").RequireServiceKey();
        facts.MapGet("/", Stream);
        facts.MapGet("/payments/{orderId:long}", GetPaymentAsync);
    }

    internal static IAsyncEnumerable<PaymentsFact> Stream(Database<PaymentsDbContext> database, CancellationToken cancellationToken) =>
        database.SnapshotAsync(db => ReadAsync(db, cancellationToken), cancellationToken);

    internal static async Task<Results<Ok<PaymentFact>, ProblemResult>> GetPaymentAsync(
        long orderId, Database<PaymentsDbContext> database, CancellationToken cancellationToken) =>
        await database.SnapshotAsync(db => BetweenAsync(db, orderId - 1, orderId, cancellationToken), cancellationToken)
            .FirstOrDefaultAsync(cancellationToken) is { } payment
            ? TypedResults.Ok(payment)
            : new ProblemResult(ProblemCatalogue.NotFound);

    private static async IAsyncEnumerable<PaymentsFact> ReadAsync(
        PaymentsDbContext db, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var payment in BetweenAsync(db, 0, long.MaxValue, cancellationToken))
        {
            yield return new PaymentsFact(payment, Account: null, Ledger: null);
        }

        await foreach (var account in AccountsOf(db).WithCancellation(cancellationToken))
        {
            yield return new PaymentsFact(Payment: null, account, Ledger: null);
        }

        yield return new PaymentsFact(Payment: null, Account: null, await LedgerOfAsync(db, cancellationToken));
    }

    // Payments beside what the ledger says of their orders, some at a time, so that both are read through their index and neither is collected.
    private static async IAsyncEnumerable<PaymentFact> BetweenAsync(
        PaymentsDbContext db, long after, long last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (after < last)
        {
            var payments = await db.Payments
                .Where(p => p.OrderId > after && p.OrderId <= last).OrderBy(p => p.OrderId).Take(ReadAtOnce).ToListAsync(cancellationToken);
            var to = payments.Count < ReadAtOnce ? last : payments[^1].OrderId;
            var booked = await db.BookedBetweenAsync(after, to, cancellationToken);
            var facts = payments.Select(p => p.ToFact(booked.Remove(p.OrderId, out var sum) ? sum.Amount : 0)).ToList();

            // The ledger knows only of orders that were paid or authorized: revenue without a payment means that the payment is gone.
            facts.AddRange(booked.Values.Where(b => b.Amount != 0).Select(b => new PaymentFact(
                b.OrderId, b.CustomerId ?? 0, FactStates.Missing, new Money(b.Amount, Wallet.ShopCurrency), b.Amount)));
            foreach (var fact in facts.OrderBy(p => p.OrderId))
            {
                yield return fact;
            }

            after = to;
        }
    }

    // The sums are looked up wallet by wallet through the index, so that the stream stays in order and nothing is collected first.
    private static IAsyncEnumerable<AccountFact> AccountsOf(PaymentsDbContext db) => db.Wallets
        .OrderBy(w => w.CustomerId)
        .Select(w => new AccountFact(
            w.CustomerId,
            w.Balance,
            w.Held,
            db.LedgerEntries.Where(e => e.CustomerId == w.CustomerId && e.Account == Accounts.Wallet).Sum(e => e.Amount),
            db.LedgerEntries.Where(e => e.CustomerId == w.CustomerId && e.Account == Accounts.Held).Sum(e => e.Amount)))
        .AsAsyncEnumerable();

    private static async Task<LedgerFact> LedgerOfAsync(PaymentsDbContext db, CancellationToken cancellationToken)
    {
        var sums = await db.LedgerEntries
            .GroupBy(e => new { e.Account, e.Kind })
            .Select(g => new { g.Key.Account, g.Key.Kind, Amount = g.Sum(e => e.Amount) })
            .ToListAsync(cancellationToken);
        var unbalanced = await db.LedgerEntries
            .GroupBy(e => e.TransactionId)
            .Where(g => g.Sum(e => e.Amount) != 0)
            .LongCountAsync(cancellationToken);

        return new LedgerFact(
            EntriesSum: sums.Sum(s => s.Amount),
            UnbalancedTransactions: unbalanced,
            Wallets: Of(Accounts.Wallet),
            Held: Of(Accounts.Held),
            Captured: Of(Accounts.Revenue, EntryKinds.Charge) + Of(Accounts.Revenue, EntryKinds.Capture),
            Refunded: -Of(Accounts.Revenue, EntryKinds.Refund),
            Welcome: -Of(Accounts.Welcome),
            Deposits: -Of(Accounts.Deposits),
            Corrected: Of(Accounts.Revenue, EntryKinds.Correction));

        long Of(string account, string? kind = null) =>
            sums.Where(s => s.Account == account && (kind is null || s.Kind == kind)).Sum(s => s.Amount);
    }
}
