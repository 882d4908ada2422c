using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;

namespace Shop.Payments.Customers;

/// <summary>Makes a customer with a wallet and a welcome balance: all of it or nothing.</summary>
internal sealed class CustomerRegistration(
    Database<PaymentsDbContext> database,
    PasswordHasher passwords,
    Bookkeeper books,
    SnowflakeIdGenerator ids,
    IOptions<PaymentsOptions> options,
    TimeProvider clock)
{
    /// <summary>The new customer, or null if the name is taken: the unique key decides, also between two who ask at once.</summary>
    public async Task<CustomerIdentity?> TryRegisterAsync(Credentials credentials, CancellationToken cancellationToken)
    {
        // Before the transaction: a hash computes for longer than anybody may hold the database.
        var hash = passwords.Hash(credentials.Password);
        var customer = CustomerAccount.Create(ids.Next(), credentials.Name, hash, clock.GetStorageTime());

        var wallet = await database.WriteAsync(db => TryAddAsync(db, customer, cancellationToken), cancellationToken);
        return wallet is null ? null : customer.ToIdentity();
    }

    /// <summary>The wallet of a customer who is new, with the welcome balance in it, or null if the name is taken; in the caller's transaction.</summary>
    public async Task<Wallet?> TryAddAsync(PaymentsDbContext db, CustomerAccount customer, CancellationToken cancellationToken)
    {
        if (!await db.ClaimNameAsync(customer, cancellationToken))
        {
            return null;
        }

        var wallet = db.Wallets.Add(Wallet.Open(customer.Id)).Entity;
        books.Welcome(db, wallet, new Money(options.Value.WelcomeAmount, Wallet.ShopCurrency));
        return wallet;
    }
}
