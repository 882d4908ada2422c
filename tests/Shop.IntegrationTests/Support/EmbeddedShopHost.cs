using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shop.AllInOne;
using Shop.BuildingBlocks.Messaging;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Support;

/// <summary>The whole shop in this process, over a directory and ports of its own; reached over HTTP like any other.</summary>
internal sealed class EmbeddedShopHost : IAsyncDisposable
{
    private readonly TempDirectory? _own;
    private readonly DataDirectory _data;
    private readonly EmbeddedShop _shop;
    private readonly HttpClient _operator;

    private EmbeddedShopHost(TempDirectory? own, DataDirectory data, EmbeddedShop shop, int port)
    {
        _own = own;
        _data = data;
        _shop = shop;
        Port = port;
        _operator = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
        _operator.DefaultRequestHeaders.Add("Shop-Operator-Key", File.ReadAllText(data.OperatorKeyFile));
    }

    public int Port { get; }

    public string DataPath => _data.Path;

    public string Address => $"http://localhost:{Port}";

    public string OrderingAddress => $"http://127.0.0.1:{Port + 1}";

    public string InventoryAddress => $"http://127.0.0.1:{Port + 2}";

    public string PaymentsAddress => $"http://127.0.0.1:{Port + 3}";

    /// <summary>An HTTP client with the operator key; use full addresses.</summary>
    public HttpClient Operator => _operator;

    public static async Task<EmbeddedShopHost> StartAsync(
        ITransport? transport = null, string? directory = null, params (string Key, string Value)[] settings) =>
        await StartAsync(transport, directory, services: null, environment: null, settings);

    public static async Task<EmbeddedShopHost> StartAsync(
        ITransport? transport, string? directory, Action<IServiceCollection>? services, string? environment, params (string Key, string Value)[] settings)
    {
        var own = directory is null ? new TempDirectory() : null;
        var port = Ports.Free(4);

        // The real number of rounds costs 0.1 s of CPU for each registration and login; the format is the same with fewer. A test looks as often
        // as a fast machine can, more often than a session's quota allows; the tests of the quotas set their own.
        var overrides = new Dictionary<string, string?>
        {
            ["Passwords:Iterations"] = "1000",
            ["Limits:Session:Permits"] = "100000",
            ["Logging:LogLevel:Default"] = "Error",

            // A busy machine stands still for seconds, and what is cold takes long: that is not the outage that these look for.
            ["InternalClients:Timeout"] = "00:01:00",
            ["InternalClients:AttemptTimeout"] = "00:00:30",
            ["InternalClients:ConnectTimeout"] = "00:00:30",
            ["Proxy:ConnectTimeout"] = "00:00:30",
            ["Intake:MaxWait"] = "00:00:45",
            ["Checkout:MaxCallWait"] = "00:01:00",
        };
        foreach (var (key, value) in settings)
        {
            overrides[key] = value;
        }

        var options = new EmbeddedOptions(directory ?? own!.Path, port, Reset: false)
        {
            Overrides = overrides,
            Transport = transport ?? new LoopbackTransport(),
            Services = services,
            Environment = environment,
        };
        var data = DataDirectory.Open(options.DataDirectory, reset: false);
        return new EmbeddedShopHost(own, data, await EmbeddedShop.StartAsync(options, data), port);
    }

    /// <summary>One of the four applications, by the name of its service.</summary>
    public WebApplication App(string service) => _shop.Apps.Single(app => app.Services.GetRequiredService<ServiceInfo>().Name == service);

    /// <summary>A product of the test's own, so that no other test touches its stock.</summary>
    public async Task<string> ProductAsync(long price = 500, long stock = 1000)
    {
        var sku = $"test-{Guid.NewGuid():N}";
        var product = new { name = $"Product {sku}", description = "For one test.", price = new { amount = price, currency = "EUR" } };
        (await _operator.PutAsJsonAsync($"{InventoryAddress}/ops/products/{sku}", product)).EnsureSuccessStatusCode();
        if (stock > 0)
        {
            var receipt = new { receiptId = sku, quantity = stock };
            (await _operator.PostAsJsonAsync($"{InventoryAddress}/ops/stock/{sku}/receipts", receipt)).EnsureSuccessStatusCode();
        }

        return sku;
    }

    /// <param name="checkout">The protocol that all orders of this customer ask for.</param>
    public async Task<ShopClient> CustomerAsync(string? checkout = null)
    {
        var customer = await ShopClient.LoggedInAsync(Address);
        customer.Checkout = checkout;
        return customer;
    }

    public ShopClient Anonymous() => new(Address);

    public async Task<JsonNode> InvariantsAsync() => JsonNode.Parse(await _operator.GetStringAsync($"{OrderingAddress}/ops/invariants"))!;

    /// <summary>The report once nothing is in flight any more, or the last one when that takes too long.</summary>
    public async Task<JsonNode> QuietInvariantsAsync(double seconds = 60)
    {
        for (var i = 0; ; i++)
        {
            var report = await InvariantsAsync();
            if (report["inFlight"]!.GetValue<long>() == 0 || i > seconds * 10)
            {
                return report;
            }

            await Task.Delay(100);
        }
    }

    public async Task AssertInvariantsHoldAsync() => Invariants.AssertHold(await InvariantsAsync());

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _shop.StopAsync();
        await _shop.DisposeAsync();
        _data.Dispose();
        _own?.Dispose();
    }
}

internal static class Invariants
{
    /// <summary>All five hold, and nothing is in flight any more.</summary>
    public static void AssertHold(JsonNode report)
    {
        Assert.True(report["holds"]!.GetValue<bool>(), report.ToJsonString());
        Assert.Equal(0, report["inFlight"]!.GetValue<long>());
    }
}
