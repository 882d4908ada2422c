using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Reconciliation;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Jobs;

/// <summary>Orders that nothing else would ever bring to an end.</summary>
public sealed class OverdueTests
{
    private static readonly (string, string)[] Settings =
    [
        ("Overdue:After", "00:10:00"), ("Checkout:Timeout", "00:09:00"), ("Checkout:ResendAfter", "00:05:00"), ("Jobs:Schedule", "false"),
    ];

    [Theory]
    [InlineData("saga")]
    [InlineData("tcc")]
    [InlineData("message")]
    public async Task An_order_whose_clock_is_lost_is_given_up_in_the_way_of_its_protocol_whatever_its_shard(string checkout)
    {
        var transport = new GatedTransport();
        var calls = new ScriptedCalls();
        await using var shop = await EmbeddedShopHost.StartAsync(
            transport, null, services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)), null, Settings);
        using var customer = await shop.CustomerAsync(checkout);
        var desk = new OperatorDesk(shop);
        transport.Close();
        calls.LoseAnswersTo(command => command is ReserveStock);
        var ids = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            ids.Add((await customer.OrderAsync("umbrella").Expect(Accepted)).Body["id"]!.GetValue<string>());
        }

        // One of them is young, and its clock goes.
        var young = ids[^1];
        await desk.TamperAsync("ordering", $"UPDATE orders SET due_at = NULL, created_at = created_at - 700000 WHERE id <> {young}");
        await RunAsync(desk, "overdue-orders");
        transport.Open();
        calls.LoseAnswersTo(null);

        foreach (var id in ids.Where(id => id != young))
        {
            var order = await customer.FinalAsync(id, seconds: 60);
            Assert.Equal(("rejected", "timeout"), (order["status"]!.GetValue<string>(), order["reason"]!.GetValue<string>()));
            var history = (await customer.GetAsync($"/api/v1/orders/{id}/history").Expect(OK)).Body.AsArray();
            Assert.Contains(history, entry => entry!["outcome"]!.GetValue<string>() == "overdue");
        }

        var history0 = (await customer.GetAsync($"/api/v1/orders/{young}/history").Expect(OK)).Body.AsArray();
        Assert.DoesNotContain(history0, entry => entry!["outcome"]!.GetValue<string>() == "overdue");
        var runs = await HistoryAsync(desk, "overdue-orders");
        Assert.Equal(5, runs[0]!["done"]!.GetValue<int>());
        Assert.Equal(4, runs[0]!["parts"]!.AsArray().Count);
    }

    [Fact]
    public async Task What_is_paid_is_not_given_up_and_what_waits_for_people_is_an_alarm_until_they_have_decided()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [.. Settings, ("Jobs:WatchInterval", "00:00:00.100")]);
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var id = (await customer.OrderAsync("umbrella").Expect(Accepted)).Body["id"]!.GetValue<string>();
        await customer.FinalAsync(id);
        await desk.StickAsync(id, "umbrella", status: 6);
        await desk.TamperAsync("ordering", $"UPDATE orders SET created_at = created_at - 700000 WHERE id = {id}");

        await RunAsync(desk, "overdue-orders");
        Assert.Equal("needsAttention", (await customer.GetAsync($"/api/v1/orders/{id}").Expect(OK)).Body["status"]!.GetValue<string>());
        await Discovery.Eventually.TrueAsync(async () => (await AlarmsAsync(desk, "?open=true")).Any(a => a!["subject"]!.GetValue<string>() == "orders"), 60);

        await desk.PostAsync($"/ops/orders/{id}/force-stop", "ada", new { reason = "Nobody answers." }).Expect(Accepted);
        await customer.FinalAsync(id, seconds: 60);
        await Discovery.Eventually.TrueAsync(async () => (await AlarmsAsync(desk, "?open=true")).All(a => a!["subject"]!.GetValue<string>() != "orders"), 60);
        Assert.Single(await AlarmsAsync(desk, ""), a => a!["subject"]!.GetValue<string>() == "orders");
    }

    [Theory]
    [InlineData("00:00:29")] // shorter than the checkout's own timeout
    [InlineData("8.00:00:00")] // longer than anybody repeats
    public Task An_age_that_contradicts_the_checkout_or_the_clean_up_is_refused_at_start(string after) =>
        Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => EmbeddedShopHost.StartAsync(settings: [("Overdue:After", after)]));

    internal static async Task RunAsync(OperatorDesk desk, string job)
    {
        await desk.PostAsync($"/ops/jobs/{job}/run", "ada").Expect(Accepted);
        await Discovery.Eventually.TrueAsync(async () => (await HistoryAsync(desk, job))[0]!["state"]!.GetValue<string>() == "succeeded", 60);
    }

    internal static async Task<JsonArray> HistoryAsync(OperatorDesk desk, string job) =>
        (await desk.GetAsync($"/ops/jobs/{job}/runs").Expect(OK)).Body["items"]!.AsArray();

    private static async Task<JsonArray> AlarmsAsync(OperatorDesk desk, string query) => (await desk.GetAsync($"/ops/alarms{query}").Expect(OK)).Body["items"]!.AsArray();
}
