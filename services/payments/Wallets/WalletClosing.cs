using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.BuildingBlocks.Storage;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.Payments.Wallets;

/// <summary>Closes a wallet that is empty and of which nothing is held, under its lock and for good.</summary>
/// <remarks>Orders are not asked: one that was paid from it and is cancelled later still gives back, and the money waits for an operator.</remarks>
internal sealed class WalletClosing(
    FencedLocks<PaymentsDbContext> locks, Database<PaymentsDbContext> database, AuditTrail audit, IOptions<LockOptions> options, TimeProvider clock)
{
    private const string Action = "wallet-close";

    public static string LockOf(long customerId) => FormattableString.Invariant($"wallet/{customerId}");

    public async Task<IResult> CloseAsync(long customerId, OperatorName who, CancellationToken cancellationToken)
    {
        // Before the lock: a number that is nobody's must not grow the table of fences.
        if (!await database.ReadAsync(db => db.Wallets.AnyAsync(w => w.CustomerId == customerId, cancellationToken), cancellationToken))
        {
            return Problems.NotFound();
        }

        await using var held = await locks.TryAcquireAsync(LockOf(customerId), options.Value.Patience, cancellationToken);
        return held is null ? Problems.Locked() : await CloseAsync(held, customerId, who, cancellationToken);
    }

    /// <summary>The guarded write. Whoever has lost the lock since is refused by the fence, whatever he believes.</summary>
    internal Task<IResult> CloseAsync(FencedLock held, long customerId, OperatorName who, CancellationToken cancellationToken) =>
        database.WriteOrRepeatAsync<IResult>(
            async db =>
            {
                await db.PassFenceAsync(held, cancellationToken);
                var wallet = (await db.LockWalletsAsync([customerId], cancellationToken))[customerId];
                var (before, wasClosed) = (ClosedWalletView.Of(wallet), wallet.IsClosed);
                if (!wallet.TryClose(clock.GetStorageTime()))
                {
                    return wasClosed ? TypedResults.Ok(before) : Problems.Of(ProblemCatalogue.WalletNotEmpty, $"{wallet.Balance} in it and {wallet.Held} held, in cents.");
                }

                if (!wasClosed)
                {
                    audit.Write(db, who.Value, Action, FormattableString.Invariant($"{customerId}"), before, ClosedWalletView.Of(wallet));
                }

                return TypedResults.Ok(ClosedWalletView.Of(wallet));
            },
            cancellationToken);
}
