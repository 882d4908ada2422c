using Microsoft.EntityFrameworkCore;
using Shop.Payments.Customers;
using Shop.Payments.Deposits;

namespace Shop.Payments.Storage;

/// <summary>Inserts that a unique key decides: true for the one that got it, false for every other, and no error for either.</summary>
/// <remarks>Where two transactions can write at once, the later one waits here for the commit of the earlier.</remarks>
internal static class Claims
{
    /// <summary>Stores the customer unless somebody has the name.</summary>
    public static async Task<bool> ClaimNameAsync(this PaymentsDbContext db, CustomerAccount customer, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO customers (id, name, name_key, password_hash, created_at)
             VALUES ({customer.Id}, {customer.Name}, {customer.NameKey}, {customer.PasswordHash}, {customer.CreatedAt.ToUnixTimeMilliseconds()})
             ON CONFLICT (name_key) DO NOTHING
             """,
            cancellationToken) == 1;

    /// <summary>Stores those customers whose names nobody has, by one statement, and says by id who they are.</summary>
    public static async Task<HashSet<long>> ClaimNamesAsync(
        this PaymentsDbContext db, IReadOnlyList<CustomerAccount> customers, CancellationToken cancellationToken)
    {
        const int Columns = 5;
        var rows = customers.Select((_, row) => $"({string.Join(", ", Enumerable.Range(row * Columns, Columns).Select(column => $"{{{column}}}"))})");
        var values = customers.SelectMany(customer =>
            new object[] { customer.Id, customer.Name, customer.NameKey, customer.PasswordHash, customer.CreatedAt.ToUnixTimeMilliseconds() });

        // Only the numbers of the parameters are put into the text.
        var sql = $"INSERT INTO customers (id, name, name_key, password_hash, created_at) VALUES {string.Join(", ", rows)} ON CONFLICT (name_key) DO NOTHING RETURNING id AS Value";
        var claimed = await db.Database.SqlQueryRaw<long>(sql, [.. values]).ToListAsync(cancellationToken);
        return [.. claimed];
    }

    /// <summary>Stores the deposit unless its key has been used.</summary>
    public static async Task<bool> ClaimKeyAsync(this PaymentsDbContext db, Deposit deposit, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO deposits (id, idempotency_key, fingerprint, customer_id, amount, created_at)
             VALUES ({deposit.Id}, {deposit.IdempotencyKey}, {deposit.Fingerprint}, {deposit.CustomerId}, {deposit.Amount},
                     {deposit.CreatedAt.ToUnixTimeMilliseconds()})
             ON CONFLICT (idempotency_key) DO NOTHING
             """,
            cancellationToken) == 1;
}
