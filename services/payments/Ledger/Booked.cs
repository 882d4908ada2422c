using Microsoft.EntityFrameworkCore;
using Shop.Payments.Storage;

namespace Shop.Payments.Ledger;

/// <summary>What the ledger says of orders: the revenue that their entries add up to, whatever their payments say.</summary>
internal static class Booked
{
    public static Task<Dictionary<long, long>> BookedAsync(
        this PaymentsDbContext db, IReadOnlyCollection<long> orderIds, CancellationToken cancellationToken) => db.LedgerEntries
            .Where(e => e.OrderId != null && orderIds.Contains(e.OrderId.Value) && e.Account == Accounts.Revenue)
            .GroupBy(e => e.OrderId!.Value)
            .Select(g => new { g.Key, Amount = g.Sum(e => e.Amount) })
            .ToDictionaryAsync(g => g.Key, g => g.Amount, cancellationToken);

    /// <summary>The same for a range of orders, with the customer whose wallet paid.</summary>
    public static Task<Dictionary<long, BookedOrder>> BookedBetweenAsync(
        this PaymentsDbContext db, long after, long last, CancellationToken cancellationToken) => db.LedgerEntries
            .Where(e => e.OrderId > after && e.OrderId <= last)
            .GroupBy(e => e.OrderId!.Value)
            .Select(g => new BookedOrder(g.Key, g.Max(e => e.CustomerId), g.Sum(e => e.Account == Accounts.Revenue ? e.Amount : 0)))
            .ToDictionaryAsync(b => b.OrderId, cancellationToken);
}

internal sealed record BookedOrder(long OrderId, long? CustomerId, long Amount);
