using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Faults;
using Shop.Contracts;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Guards;

/// <summary>One run of the shop in the lab's environment: scripted messages and calls, short times, and the named guard on or off. One that may be switched while the shop runs is.</summary>
internal sealed class Schedule : IAsyncDisposable
{
    /// <summary>Orders in each run; each of them meets the fault.</summary>
    public const int Orders = 20;

    private const int Patience = 600;

    private static readonly string[] Services = [ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments];

    private readonly bool _isOn;

    private Schedule(EmbeddedShopHost shop, ScriptedTransport road, ScriptedCalls calls, bool isOn) =>
        (Shop, Road, Calls, _isOn) = (shop, road, calls, isOn);

    public EmbeddedShopHost Shop { get; }

    public ScriptedTransport Road { get; }

    public ScriptedCalls Calls { get; }

    public static async Task<Schedule> StartAsync(string guard, bool isOn, params (string Key, string Value)[] settings)
    {
        var road = new ScriptedTransport();
        var calls = new ScriptedCalls();
        var isLive = GuardOptions.Live.Contains(guard);
        var shop = await EmbeddedShopHost.StartAsync(
            road,
            directory: null,
            services => services.ConfigureHttpClientDefaults(client => client.AddHttpMessageHandler(calls.NewHandler)),
            "Lab",
            [
                ($"{GuardOptions.Section}:{guard}", isOn || isLive ? "true" : "false"),
                ("Checkout:ResendAfter", "00:00:00.200"),
                ("Checkout:MaxResendInterval", "00:00:00.500"),
                ("Checkout:TimerInterval", "00:00:00.050"),
                ("Participant:RecoveryInterval", "00:00:00.050"),
                ("Invariants:OverdueAfter", "00:00:02"),
                ("Messaging:MaxBackoff", "00:00:00.100"),
                .. settings,
            ]);
        if (!isOn && isLive)
        {
            // After an order has been through: what reads its guards once has read them by then.
            using var first = await shop.CustomerAsync("tcc");
            await first.OrderAsync(await shop.ProductAsync(), 1, prefer: "wait=30").Expect(HttpStatusCode.OK);
            first.Checkout = "saga";
            await first.OrderAsync(await shop.ProductAsync(), 1, prefer: "wait=30").Expect(HttpStatusCode.OK);
            Array.ForEach(Services, service => SwitchOff(shop.App(service).Configuration, guard));
        }

        return new Schedule(shop, road, calls, isOn);
    }

    /// <summary>Places all orders for one SKU and returns their ids.</summary>
    public static async Task<IReadOnlyList<string>> OrderAsync(ShopClient customer, string sku)
    {
        var placed = await Task.WhenAll(Enumerable.Range(0, Orders).Select(_ => customer.OrderAsync(sku).Expect(HttpStatusCode.Accepted)));
        return [.. placed.Select(order => order.Body["id"]!.GetValue<string>())];
    }

    public static async Task FinalAsync(ShopClient customer, IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            await customer.FinalAsync(id);
        }
    }

    /// <summary>How much is broken: violations of the invariants and orders that nobody but a human can end. 0 is what a guard is for.</summary>
    public async Task<long> DamageAsync()
    {
        for (var tries = 0; ; tries++)
        {
            var report = await Shop.InvariantsAsync();
            var damage = report["invariants"]!.AsArray().Sum(verdict => verdict!["violations"]!.GetValue<long>()) + report["needsAttention"]!.AsArray().Count;
            var isOver = _isOn ? damage == 0 && report["inFlight"]!.GetValue<long>() == 0 : damage > 0;
            if (isOver || tries == Patience)
            {
                return damage;
            }

            await Task.Delay(100);
        }
    }

    public ValueTask DisposeAsync() => Shop.DisposeAsync();

    // In the process as it runs, as a change in the store does.
    private static void SwitchOff(IConfiguration configuration, string guard)
    {
        configuration[$"{GuardOptions.Section}:{guard}"] = "false";
        ((IConfigurationRoot)configuration).Reload();
    }
}
