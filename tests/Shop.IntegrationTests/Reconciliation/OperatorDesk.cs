using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Reconciliation;

/// <summary>What operators do to a shop, each under a name, and what somebody does to its databases behind its back.</summary>
internal sealed class OperatorDesk(EmbeddedShopHost shop)
{
    public const string Runs = "/ops/reconciliation/runs";
    public const string Proposals = "/ops/reconciliation/proposals";

    public Task<Reply> GetAsync(string path) => SendAsync(HttpMethod.Get, path, who: null);

    public Task<Reply> PostAsync(string path, string? who, object? body = null) => SendAsync(HttpMethod.Post, path, who, body);

    public async Task<JsonNode> RunAsync(string who) => (await PostAsync(Runs, who).Expect(Created)).Body;

    /// <summary>Proposals that wait for a decision, by kind.</summary>
    public async Task<Dictionary<string, JsonNode>> ProposalsAsync() =>
        (await GetAsync(Proposals).Expect(OK)).Body["items"]!.AsArray().ToDictionary(p => p!["kind"]!.GetValue<string>(), p => p!);

    public Task<Reply> ApproveAsync(JsonNode proposal, string who) => PostAsync($"{Proposals}/{proposal["id"]}/approve", who);

    public async Task<Reply> SendAsync(HttpMethod method, string path, string? who, object? body = null, string? address = null)
    {
        using var request = new HttpRequestMessage(method, (address ?? shop.OrderingAddress) + path);
        if (who is not null)
        {
            request.Headers.TryAddWithoutValidation("Shop-Operator", who);
        }

        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }

        using var response = await shop.Operator.SendAsync(request);
        return await Reply.FromAsync(response);
    }

    /// <summary>Changes a database that its service is using.</summary>
    public async Task TamperAsync(string database, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(shop.DataPath, $"{database}.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"BEGIN IMMEDIATE; {sql}; COMMIT";
        Assert.True(await command.ExecuteNonQueryAsync() > 0, sql);
    }

    /// <summary>Moves money of the order's customer, with the entries that belong to it.</summary>
    public async Task BookAsync(string orderId, long amount, string from, string to, string kind)
    {
        var customer = await CustomerOfAsync(orderId);
        var (balance, held) = (Change("wallet"), Change("held"));
        await TamperAsync("payments", $"""
            UPDATE wallets SET balance = balance + {balance}, held = held + {held} WHERE customer_id = {customer};
            INSERT INTO ledger_entries SELECT MAX(id) + 1, MAX(id) + 1, {OwnerOf(from)}, '{from}', {-amount}, '{kind}', {orderId}, MAX(at) FROM ledger_entries;
            INSERT INTO ledger_entries SELECT MAX(id) + 1, MAX(id), {OwnerOf(to)}, '{to}', {amount}, '{kind}', {orderId}, MAX(at) FROM ledger_entries
            """);

        long Change(string account) => (to == account ? amount : 0) - (from == account ? amount : 0);
        string OwnerOf(string account) => account is "revenue" ? "NULL" : customer;
    }

    public async Task PayAsync(string orderId, long amount, string state) => await TamperAsync(
        "payments",
        $"INSERT INTO payments (order_id, customer_id, amount, currency, state) VALUES ({orderId}, {await CustomerOfAsync(orderId)}, {amount}, 'EUR', '{state}')");

    /// <summary>As if the order had been forgotten before it was charged.</summary>
    public async Task UnpayAsync(string orderId, long amount)
    {
        var customer = await CustomerOfAsync(orderId);
        await TamperAsync("payments", $"""
            DELETE FROM payments WHERE order_id = {orderId};
            DELETE FROM operations WHERE order_id = {orderId};
            DELETE FROM ledger_entries WHERE order_id = {orderId};
            UPDATE wallets SET balance = balance + {amount} WHERE customer_id = {customer}
            """);
    }

    /// <summary>As if the take of a paid order had never been answered, and then given up.</summary>
    public async Task StickAsync(string orderId, string sku, int status = 6, string dueAt = "NULL")
    {
        await TamperAsync("ordering", $"""
            UPDATE orders SET status = {status}, step = 3, awaiting = 0, due_at = {dueAt}, version = version + 1 WHERE id = {orderId};
            DELETE FROM invoices WHERE order_id = {orderId}
            """);
        await TamperAsync("inventory", $"""
            UPDATE reservations SET state = 'held' WHERE order_id = {orderId};
            UPDATE stock SET sold = sold - 1, reserved = reserved + 1 WHERE sku = '{sku}';
            DELETE FROM operations WHERE order_id = {orderId} AND name = 'take'
            """);
    }

    private async Task<string> CustomerOfAsync(string orderId)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(shop.DataPath, "ordering.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT CAST(customer_id AS TEXT) FROM orders WHERE id = {orderId}";
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
