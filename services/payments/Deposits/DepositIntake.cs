using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.Payments.Deposits;

/// <summary>Pays in, once per customer and key.</summary>
/// <remarks>A twin that races the first waits for the database and is then a replay; nothing is stored of a request that was refused.</remarks>
internal sealed class DepositIntake(Database<PaymentsDbContext> database, Bookkeeper books, SnowflakeIdGenerator ids, TimeProvider clock)
{
    public async Task<DepositOutcome> PayInAsync(
        Customer customer, IdempotencyKey key, RequestFingerprint fingerprint, Money amount, CancellationToken cancellationToken)
    {
        var deposit = Deposit.Create(ids.Next(), customer.Id, key.Value, fingerprint.Value, amount.Amount, clock.GetStorageTime());
        return await database.WriteOrRepeatAsync<DepositOutcome>(
            async db =>
            {
                if ((await db.LockWalletsAsync([customer.Id], cancellationToken)).GetValueOrDefault(customer.Id) is not { } wallet)
                {
                    return new DepositOutcome.NoWallet();
                }

                // A deposit that was made before the wallet was closed is answered as it was then.
                if (wallet.IsClosed && !await db.Deposits.AnyAsync(d => d.IdempotencyKey == deposit.IdempotencyKey, cancellationToken))
                {
                    return new DepositOutcome.WalletClosed();
                }

                if (await db.ClaimKeyAsync(deposit, cancellationToken))
                {
                    books.Deposit(db, wallet, amount);
                    return new DepositOutcome.Accepted(deposit, Replayed: false);
                }

                var first = await db.Deposits.SingleAsync(d => d.IdempotencyKey == deposit.IdempotencyKey, cancellationToken);
                return first.Fingerprint == deposit.Fingerprint
                    ? new DepositOutcome.Accepted(first, Replayed: true)
                    : new DepositOutcome.KeyReused();
            },
            cancellationToken);
    }
}
