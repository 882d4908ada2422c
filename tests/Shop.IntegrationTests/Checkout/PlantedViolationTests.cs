using System.Net;
using Microsoft.Data.Sqlite;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Checkout;

/// <summary>The checker over the real services, while somebody tampers with their databases.</summary>
public sealed class PlantedViolationTests
{
    [Theory]
    [InlineData(1, "inventory", "PRAGMA ignore_check_constraints = 1; UPDATE stock SET available = available - 1 WHERE sku = 'umbrella'")]
    [InlineData(1, "inventory", "UPDATE stock SET available = available + 1, sold = sold - 1 WHERE sku = 'umbrella'")]
    [InlineData(2, "payments", "UPDATE wallets SET balance = balance + 1")]
    [InlineData(2, "payments", "DELETE FROM ledger_entries WHERE id = (SELECT MAX(id) FROM ledger_entries)")]
    [InlineData(3, "payments", "DELETE FROM payments")]
    [InlineData(3, "inventory", "DELETE FROM reservations")]
    [InlineData(3, "ordering", "DELETE FROM invoices")]
    [InlineData(3, "ordering", "INSERT INTO invoices (kind, number, order_id, issued_at) SELECT 2, 1, id, 0 FROM orders")]
    [InlineData(4, "ordering", "DELETE FROM orders")]
    [InlineData(5, "ordering", """
        DROP INDEX orders_request_key;
        CREATE TEMP TABLE twin AS SELECT * FROM orders;
        UPDATE twin SET id = id + 1, status = 3;
        INSERT INTO orders SELECT * FROM twin
        """)]
    public async Task Tampering_is_found_under_the_number_of_the_invariant_that_it_breaks(int number, string database, string sql)
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        var order = await customer.OrderAsync("umbrella", 1, prefer: "wait=20").Expect(HttpStatusCode.OK);
        Assert.Equal("confirmed", order.Body["status"]!.GetValue<string>());
        await shop.AssertInvariantsHoldAsync();

        await using (var connection = new SqliteConnection($"Data Source={Path.Combine(shop.DataPath, $"{database}.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            Assert.True(await command.ExecuteNonQueryAsync() > 0);
        }

        var report = await shop.InvariantsAsync();
        Assert.False(report["holds"]!.GetValue<bool>());
        var verdict = report["invariants"]!.AsArray().Single(v => v!["number"]!.GetValue<int>() == number)!;
        Assert.False(verdict["holds"]!.GetValue<bool>(), report.ToJsonString());
        Assert.NotEmpty(verdict["examples"]!.AsArray());
    }
}
