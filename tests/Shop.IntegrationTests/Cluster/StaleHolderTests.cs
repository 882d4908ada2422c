using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.ServiceDefaults;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Stock takes through both replicas of inventory, which lock on the cluster's Redis nodes; one of the two is stopped while it holds the lock.</summary>
[Collection(SharedCluster.Name)]
public sealed class StaleHolderTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const double Patience = 90;

    private ShopCluster Cluster => fixture.Cluster;

    [Fact]
    public async Task Both_replicas_count_one_SKU_in_turn()
    {
        var sku = await ProductAsync();

        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => CountAsync(1 + (i % 2), sku, $"{sku}-{i}", 7)));

        foreach (var answer in answers)
        {
            await HttpAssert.OkAsync<JsonObject>(answer, HttpStatusCode.Created);
        }

        Assert.Equal("7", Assert.Single(await QueryAsync($"SELECT available FROM stock WHERE sku = '{sku}'")));
        Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8"], await QueryAsync($"SELECT token FROM stock_takes WHERE sku = '{sku}' ORDER BY token"));
    }

    [Fact]
    public async Task A_replica_stopped_between_its_lock_and_its_write_changes_nothing_when_it_wakes_up()
    {
        var sku = await ProductAsync();

        // The row is locked by somebody, so that the booking stands still where it has the lock, its token and its look at the clock behind it.
        await using var source = NpgsqlDataSource.Create(Cluster.Connections.Database("inventory"));
        await using var connection = await source.OpenConnectionAsync();
        var inTheWay = await connection.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand($"SELECT 1 FROM stock WHERE sku = '{sku}' FOR UPDATE", connection, inTheWay))
        {
            await command.ExecuteNonQueryAsync();
        }

        // It waits for the row for a few seconds only: whoever has not seen it by then makes it wait once more.
        var stale = CountAsync(1, sku, $"{sku}-stale", 1);
        await Eventually.TrueAsync(
            async () =>
            {
                stale = stale.IsCompleted ? CountAsync(1, sku, $"{sku}-stale", 1) : stale;
                return await QueryAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = 'inventory' AND wait_event_type = 'Lock' AND query LIKE '%stock%'") is not ["0"];
            },
            Patience);
        await Cluster.PauseAsync("inventory-1");
        try
        {
            await inTheWay.RollbackAsync();

            // Its keys end after a time to live, its transaction by the patience of PostgreSQL; then the other replica gets both.
            HttpResponseMessage? fresh = null;
            await Eventually.TrueAsync(async () => (fresh = await CountAsync(2, sku, $"{sku}-fresh", 8)).StatusCode is HttpStatusCode.Created or HttpStatusCode.OK, Patience);
            var take = await fresh!.Content.ReadFromJsonAsync<JsonObject>();
            Assert.True(long.Parse((string)take!["token"]!, CultureInfo.InvariantCulture) > 1);
        }
        finally
        {
            await Cluster.ResumeAsync("inventory-1");
        }

        var answer = await stale;
        output.WriteLine($"the stopped replica answers {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        Assert.False(answer.IsSuccessStatusCode);
        Assert.Equal("8", Assert.Single(await QueryAsync($"SELECT available FROM stock WHERE sku = '{sku}'")));
        Assert.Equal([$"{sku}-fresh"], await QueryAsync($"SELECT id FROM stock_takes WHERE sku = '{sku}'"));
    }

    private Task<IReadOnlyList<string>> QueryAsync(string sql) => PostgresFixture.QueryAsync(Cluster.Connections.Database("inventory"), sql);

    private async Task<string> ProductAsync()
    {
        var sku = $"lock-{Guid.NewGuid():N}";
        var product = new { name = sku, description = "For one test.", price = new { amount = 100, currency = "EUR" } };
        (await fixture.Operator.PutAsJsonAsync($"{Address(1)}/ops/products/{sku}", product)).EnsureSuccessStatusCode();
        (await fixture.Operator.PostAsJsonAsync($"{Address(1)}/ops/stock/{sku}/receipts", new { receiptId = sku, quantity = 10 })).EnsureSuccessStatusCode();
        return sku;
    }

    private async Task<HttpResponseMessage> CountAsync(int replica, string sku, string takeId, long counted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Address(replica)}/ops/stock/{sku}/takes") { Content = JsonContent.Create(new { takeId, counted }) };
        request.Headers.Add(ShopHeaders.Operator, "ada");
        return await fixture.Operator.SendAsync(request);
    }

    private string Address(int replica) => $"http://127.0.0.1:{Cluster.Connections.Ports.Inventory(replica)}";
}
