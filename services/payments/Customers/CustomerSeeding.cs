using System.Globalization;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Payments.Deposits;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;

namespace Shop.Payments.Customers;

/// <summary>Makes many customers at once, each as registration and a deposit would make one; those whose names are taken stay as they are.</summary>
/// <remarks>One hash for all of them, which costs what one customer costs; whoever reads the database sees that they have one password.</remarks>
internal sealed class CustomerSeeding(
    Database<PaymentsDbContext> database,
    CustomerRegistration registration,
    PasswordHasher passwords,
    Bookkeeper books,
    SnowflakeIdGenerator ids,
    TimeProvider clock)
{
    public const int MaxCount = 1_000;

    // A customer is new in the transaction that pays in, so the key is never asked for again.
    private const string DepositKey = "seed";

    /// <summary>Every error at once; empty when there is none.</summary>
    public static Dictionary<string, string[]> Errors(SeedCustomers request)
    {
        var errors = new Dictionary<string, string[]>();
        if (request.First < 1 || request.Count is < 1 or > MaxCount || request.First > int.MaxValue - request.Count)
        {
            errors.Add(nameof(request.Count), [$"Numbers from 1, and at most {MaxCount} of them at once."]);
        }

        if (request.Deposit is < 0 or > DepositEndpoints.MaxAmount)
        {
            errors.Add(nameof(request.Deposit), [$"0 to {DepositEndpoints.MaxAmount}."]);
        }

        // The longest number that there can be, so that a prefix that is good once is good for all.
        var credentials = new Credentials(NameOf(request.Prefix, int.MaxValue), request.Password).Errors();
        foreach (var (member, messages) in credentials)
        {
            errors.Add(member is nameof(Credentials.Name) ? nameof(request.Prefix) : member, messages);
        }

        return errors;
    }

    public async Task<SeededCustomers> SeedAsync(SeedCustomers request, CancellationToken cancellationToken)
    {
        // Before the transaction: a hash computes for longer than anybody may hold the database.
        var hash = passwords.Hash(request.Password);
        List<CustomerAccount> customers =
        [
            .. from number in Enumerable.Range(request.First, request.Count)
               select CustomerAccount.Create(ids.Next(), NameOf(request.Prefix, number), hash, clock.GetStorageTime()),
        ];
        var made = await database.WriteAsync(
            async db =>
            {
                var claimed = await db.ClaimNamesAsync(customers, cancellationToken);
                foreach (var customer in customers.Where(customer => claimed.Contains(customer.Id)))
                {
                    PayIn(db, registration.OpenWallet(db, customer), request.Deposit);
                }

                return claimed.Count;
            },
            cancellationToken);
        return new SeededCustomers(made, request.Count - made);
    }

    private void PayIn(PaymentsDbContext db, Wallet wallet, long amount)
    {
        if (amount > 0)
        {
            db.Deposits.Add(Deposit.Create(ids.Next(), wallet.CustomerId, DepositKey, fingerprint: DepositKey, amount, clock.GetStorageTime()));
            books.Deposit(db, wallet, new Money(amount, Wallet.ShopCurrency));
        }
    }

    private static string NameOf(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");
}
