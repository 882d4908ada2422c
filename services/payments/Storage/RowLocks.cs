using Microsoft.EntityFrameworkCore;
using Shop.Payments.Charges;
using Shop.Payments.Wallets;

namespace Shop.Payments.Storage;

/// <summary>Loads the rows a transaction is about to change, in key order.</summary>
/// <remarks>SQLite has one writer, so the order is all there is to it; a database with row locks adds <c>FOR UPDATE</c> here, nowhere else.</remarks>
internal static class RowLocks
{
    public static Task<Dictionary<long, Payment>> LockPaymentsAsync(
        this PaymentsDbContext db, IReadOnlyCollection<long> orderIds, CancellationToken cancellationToken) => db.Payments
            .Where(p => orderIds.Contains(p.OrderId))
            .OrderBy(p => p.OrderId)
            .ToDictionaryAsync(p => p.OrderId, cancellationToken);

    public static Task<Dictionary<long, Wallet>> LockWalletsAsync(
        this PaymentsDbContext db, IReadOnlyCollection<long> customerIds, CancellationToken cancellationToken) => db.Wallets
            .Where(w => customerIds.Contains(w.CustomerId))
            .OrderBy(w => w.CustomerId)
            .ToDictionaryAsync(w => w.CustomerId, cancellationToken);
}
