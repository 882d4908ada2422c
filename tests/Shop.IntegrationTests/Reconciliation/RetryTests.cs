using Microsoft.Extensions.DependencyInjection;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Reconciliation;

/// <summary>An operator does not wait until an order is sent to again by itself.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task A_stuck_order_goes_on_as_soon_as_somebody_asks_for_it()
    {
        var calls = new ScriptedCalls();
        await using var shop = await EmbeddedShopHost.StartAsync(
            transport: null,
            directory: null,
            services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)),
            environment: null,
            ("Checkout:ResendAfter", "00:09:00"),
            ("Checkout:Timeout", "00:10:00"),
            ("Checkout:HoldFor", "00:12:00"));
        using var customer = await shop.CustomerAsync("tcc");
        var desk = new OperatorDesk(shop);
        calls.LoseAnswersTo(command => command is ReserveStock);
        var id = (await customer.OrderAsync("umbrella").Expect(Accepted)).Body["id"]!.GetValue<string>();
        await Eventually.TrueAsync(() => calls.Lost > 0);
        calls.LoseAnswersTo(null);

        await desk.PostAsync($"/ops/orders/{id}/retry", who: null).Expect(BadRequest);
        await desk.PostAsync("/ops/orders/1/retry", "ada").Expect(NotFound);
        await desk.PostAsync($"/ops/orders/{id}/retry", "ada").Expect(Accepted);

        Assert.Equal("confirmed", (await customer.FinalAsync(id, seconds: 60))["status"]!.GetValue<string>());
        Assert.Equal("validation-failed", (await desk.PostAsync($"/ops/orders/{id}/retry", "ada").Expect(BadRequest)).Code);
        var entry = Assert.Single((await desk.GetAsync($"/ops/audit?subject={id}").Expect(OK)).Body["items"]!.AsArray())!;
        Assert.Equal(("ada", "order.retried"), (entry["who"]!.GetValue<string>(), entry["action"]!.GetValue<string>()));
        Invariants.AssertHold(await shop.QuietInvariantsAsync());
    }
}
