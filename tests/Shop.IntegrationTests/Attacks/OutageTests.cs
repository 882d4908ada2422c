using System.Net;
using Microsoft.Data.Sqlite;
using Shop.Contracts;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Attacks;

/// <summary>One service is away for long while customers go on.</summary>
public sealed class OutageTests
{
    [Fact]
    public async Task A_long_outage_does_not_fill_the_outbox_with_repeats_of_what_waits_there_already()
    {
        const int Orders = 10;
        var transport = new AwayTransport(ServiceNames.Inventory);
        await using var shop = await EmbeddedShopHost.StartAsync(
            transport,
            settings: [("Checkout:ResendAfter", "00:00:00.050"), ("Checkout:MaxResendInterval", "00:00:00.100"), ("Checkout:TimerInterval", "00:00:00.020"), ("Checkout:Timeout", "00:00:01")]);
        using var customer = await shop.CustomerAsync();
        for (var i = 0; i < Orders; i++)
        {
            await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted);
        }

        await Task.Delay(TimeSpan.FromSeconds(4));

        // Each order has one reserve to send, and one release since its time was up. Until the first has waited for long nobody is known to be away, and some
        // may repeat; but not one every tenth of a second.
        Assert.InRange(await WaitingAsync(shop), Orders, 3 * Orders);

        transport.ComeBack();
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }

    [Fact]
    public async Task Open_event_streams_do_not_keep_others_from_ordering()
    {
        const int Streams = 600;
        var transport = new AwayTransport(ServiceNames.Payments);
        await using var shop = await EmbeddedShopHost.StartAsync(transport, settings: [("Limits:Session:Permits", "100000")]);
        using var customer = await shop.CustomerAsync();
        var order = (await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>();

        var streams = await Task.WhenAll(Enumerable.Range(0, Streams).Select(_ => OpenAsync(customer, order)));
        var another = await customer.OrderAsync("umbrella").WaitAsync(TimeSpan.FromMinutes(1)); // a shop that is blocked stays so while they are open

        Assert.Equal(HttpStatusCode.Accepted, another.Status);
        foreach (var stream in streams)
        {
            stream?.Dispose();
        }
    }

    [Fact]
    public async Task One_order_with_broken_data_does_not_stop_the_clock_for_the_others()
    {
        var transport = new AwayTransport(ServiceNames.Inventory);
        await using var shop = await EmbeddedShopHost.StartAsync(
            transport, settings: [("Checkout:Timeout", "00:00:02"), ("Checkout:ResendAfter", "00:00:00.500"), ("Checkout:TimerInterval", "00:00:00.020")]);
        using var customer = await shop.CustomerAsync();
        var broken = (await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>();
        var sound = (await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted)).Body["id"]!.GetValue<string>();

        await ExecuteAsync(shop, $"UPDATE orders SET lines_json = 'no json', history_text = 'no history', step = 3, attempts = 2, due_at = 1 WHERE id = {broken}");

        await Eventually.TrueAsync(async () => (await customer.GetAsync($"/api/v1/orders/{sound}/history")).Text.Contains("undo", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage?> OpenAsync(ShopClient customer, string order)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            return await customer.Http.GetAsync($"/api/v1/orders/{order}/events", HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<long> WaitingAsync(EmbeddedShopHost shop) =>
        (long)(await ExecuteAsync(shop, "SELECT COALESCE(SUM(count), 0) FROM outbox WHERE destination = 'inventory'"))!;

    private static async Task<object?> ExecuteAsync(EmbeddedShopHost shop, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(shop.DataPath, "ordering.db")}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync();
    }
}
