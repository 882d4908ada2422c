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

        var stored = await database.WriteAsync(
            async db =>
            {
                if (!await db.ClaimNameAsync(customer, cancellationToken))
                {
                    return false;
                }

                OpenWallet(db, customer);
                return true;
            },
            cancellationToken);

        return stored ? customer.ToIdentity() : null;
    }

    /// <summary>The wallet of a customer whose name was claimed in this transaction, with the welcome balance in it.</summary>
    public Wallet OpenWallet(PaymentsDbContext db, CustomerAccount customer)
    {
        var wallet = db.Wallets.Add(Wallet.Open(customer.Id)).Entity;
        books.Welcome(db, wallet, new Money(options.Value.WelcomeAmount, Wallet.ShopCurrency));
        return wallet;
    }
}
