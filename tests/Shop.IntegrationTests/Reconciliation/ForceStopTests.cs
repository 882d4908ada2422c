using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Reconciliation;

/// <summary>An operator gives up an order. Two-phase commit needs PostgreSQL: its schedules are played through in ProtocolScheduleTests.</summary>
public sealed class ForceStopTests
{
    private static readonly object Why = new { reason = "The warehouse has burnt down." };

    [Theory]
    [InlineData("saga")]
    [InlineData("tcc")]
    [InlineData("message")]
    public async Task An_order_under_way_is_given_up_in_the_way_of_its_protocol(string checkout)
    {
        var transport = new GatedTransport();
        var calls = new ScriptedCalls();
        await using var shop = await EmbeddedShopHost.StartAsync(
            transport, null, services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)), null);
        using var customer = await shop.CustomerAsync(checkout);
        var desk = new OperatorDesk(shop);
        transport.Close();
        calls.LoseAnswersTo(command => command is ReserveStock);
        var id = (await customer.OrderAsync("umbrella").Expect(Accepted)).Body["id"]!.GetValue<string>();

        await StopAsync(desk, id).Expect(Accepted);
        transport.Open();
        calls.LoseAnswersTo(null);

        var order = await customer.FinalAsync(id, seconds: 60);
        Assert.Equal(("rejected", "operator"), (order["status"]!.GetValue<string>(), order["reason"]!.GetValue<string>()));
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
        var audit = Assert.Single((await desk.GetAsync($"/ops/audit?subject={id}").Expect(OK)).Body["items"]!.AsArray())!;
        Assert.Equal(("ada", "order.force-stopped"), (audit["who"]!.GetValue<string>(), audit["action"]!.GetValue<string>()));
        var history = (await customer.GetAsync($"/api/v1/orders/{id}/history").Expect(OK)).Body.AsArray();
        Assert.Contains(history, entry => entry!["outcome"]!.GetValue<string>() == "force-stop");
    }

    [Fact]
    public async Task Past_the_point_of_no_return_it_is_refused_unless_the_order_needs_attention()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Checkout:ResendAfter", "00:00:30")]);
        using var customer = await shop.CustomerAsync();
        var desk = new OperatorDesk(shop);
        var id = (await customer.OrderAsync("umbrella").Expect(Accepted)).Body["id"]!.GetValue<string>();
        await customer.FinalAsync(id);

        Assert.Equal("not-stoppable", (await StopAsync(desk, id).Expect(Conflict)).Code);
        await desk.StickAsync(id, "umbrella", status: 1, dueAt: long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture)[..13]);
        Assert.Equal("not-stoppable", (await StopAsync(desk, id).Expect(Conflict)).Code);
        Assert.Empty((await desk.GetAsync("/ops/audit").Expect(OK)).Body["items"]!.AsArray());

        await desk.TamperAsync("ordering", $"UPDATE orders SET status = 6 WHERE id = {id}");
        await StopAsync(desk, id).Expect(Accepted);

        Assert.Equal("rejected", (await customer.FinalAsync(id))["status"]!.GetValue<string>());
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
        Assert.Equal(100_00, await customer.BalanceAsync());
    }

    [Fact]
    public async Task Nothing_is_stopped_without_a_reason_or_an_order()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        var desk = new OperatorDesk(shop);

        Assert.Equal("not-found", (await StopAsync(desk, "1").Expect(NotFound)).Code);
        foreach (var body in (object[])[new { reason = " " }, new { reason = new string('x', 201) }, new { }, new { reason = (string?)null }])
        {
            Assert.Equal("validation-failed", (await desk.PostAsync("/ops/orders/1/force-stop", "ada", body).Expect(BadRequest)).Code);
        }
    }

    private static Task<Reply> StopAsync(OperatorDesk desk, string id) => desk.PostAsync($"/ops/orders/{id}/force-stop", "ada", Why);
}
