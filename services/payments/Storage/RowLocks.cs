using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Payments.Charges;
using Shop.Payments.Wallets;

namespace Shop.Payments.Storage;

/// <summary>Loads and locks the rows a transaction is about to change, in key order.</summary>
internal static class RowLocks
{
    public static Task<Dictionary<long, Payment>> LockPaymentsAsync(
        this PaymentsDbContext db, IReadOnlyCollection<long> orderIds, CancellationToken cancellationToken) => db.Payments
            .Where(p => orderIds.Contains(p.OrderId))
            .OrderBy(p => p.OrderId)
            .ForUpdate()
            .ToDictionaryAsync(p => p.OrderId, cancellationToken);

    public static Task<Dictionary<long, Wallet>> LockWalletsAsync(
        this PaymentsDbContext db, IReadOnlyCollection<long> customerIds, CancellationToken cancellationToken) => db.Wallets
            .Where(w => customerIds.Contains(w.CustomerId))
            .OrderBy(w => w.CustomerId)
            .ForUpdate()
            .ToDictionaryAsync(w => w.CustomerId, cancellationToken);
}
