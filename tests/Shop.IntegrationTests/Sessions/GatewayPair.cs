using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Gateway;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Sessions;

/// <summary>Two gateways as they run in production, on one Redis, in front of one stand-in for all services.</summary>
internal sealed class GatewayPair : IAsyncDisposable
{
    private readonly List<WebApplication> _apps = [];
    private readonly Dictionary<string, string?> _settings;
    private int _customers;

    private GatewayPair(Dictionary<string, string?> settings) => _settings = settings;

    public string First => _apps[1].Urls.Single();

    public string Second => _apps[2].Urls.Single();

    public IServiceProvider Services => _apps[1].Services;

    /// <summary>The first gateway serves nobody any more.</summary>
    public Task StopFirstAsync() => _apps[1].StopAsync();

    /// <summary>A gateway in the place of the first, with nothing in its memory.</summary>
    public async Task RestartFirstAsync()
    {
        var address = First;
        await _apps[1].DisposeAsync();
        await StartAsync(ServiceNames.Gateway, builder => builder.AddGateway(), app => app.MapGateway(), address);
        (_apps[1], _apps[^1]) = (_apps[^1], _apps[1]);
        _apps.RemoveAt(_apps.Count - 1);
    }

    /// <summary>Runs while ordering works on an order, before it answers.</summary>
    public Func<Task> WhileOrdering { get; set; } = () => Task.CompletedTask;

    public static async Task<GatewayPair> StartAsync(RedisServer? redis, params (string Key, string Value)[] settings)
    {
        var pair = new GatewayPair(new()
        {
            ["Identity:SigningKeys:0"] = Convert.ToBase64String(new byte[32]),
            ["Security:ServiceKey"] = new string('k', 32),
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "None",
            ["Sessions:Strategy"] = "Central",
            ["Redis:ConnectionString"] = redis?.ConnectionString,
            ["Redis:OperationTimeout"] = "00:00:10", // a Redis that is only slow is not away: sessions would be refused and limits counted apart
        });
        foreach (var (key, value) in settings)
        {
            pair._settings[key] = value;
        }

        await pair.StartAsync(ServiceNames.Ordering, _ => { }, pair.MapServices);
        foreach (var service in new[] { ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments })
        {
            pair._settings[$"Services:{service}:0"] = pair._apps[0].Urls.Single();
        }

        // Known before they start, because gateways that share sessions look for each other.
        var port = Ports.Free(2);
        string[] addresses = [$"http://127.0.0.1:{port}", $"http://127.0.0.1:{port + 1}"];
        (pair._settings["Services:gateway:0"], pair._settings["Services:gateway:1"]) = (addresses[0], addresses[1]);
        foreach (var address in addresses)
        {
            await pair.StartAsync(ServiceNames.Gateway, builder => builder.AddGateway(), app => app.MapGateway(), address);
        }

        return pair;
    }

    /// <summary>A customer who has logged in at the first gateway, as seen by both.</summary>
    public async Task<(ShopClient First, ShopClient Second)> CustomerAsync()
    {
        var first = new ShopClient(First);
        first.Rename(string.Create(CultureInfo.InvariantCulture, $"c-{Interlocked.Increment(ref _customers)}"));
        await first.LogInAsync();
        return (first, Bearer(Second, first.Token!));
    }

    public static ShopClient Bearer(string address, string token)
    {
        var client = new ShopClient(address);
        client.Http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.DisposeAsync();
        }
    }

    private async Task StartAsync(string service, Action<WebApplicationBuilder> add, Action<WebApplication> map, string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls(address);
        builder.Configuration.AddInMemoryCollection(_settings);
        builder.AddServiceDefaults(service);
        add(builder);
        var app = builder.Build();
        _apps.Add(app);
        app.MapServiceDefaults();
        map(app);
        await app.StartAsync();
    }

    private void MapServices(WebApplication app)
    {
        app.MapGet("/api/v1/products/{sku}", (string sku) => new { sku });
        app.MapGet("/api/v1/orders/{id}", (string id, Customer customer) => new { id, Customer = customer.Id }).RequireCustomer();
        app.MapPost("/api/v1/orders", async (HttpContext context, CancellationToken aborted) =>
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: aborted);
            await WhileOrdering();
            return TypedResults.Accepted((string?)null, body);
        });
        app.MapPost("/internal/credentials", (Credentials credentials) =>
            new CustomerIdentity(long.Parse(credentials.Name[2..], CultureInfo.InvariantCulture), credentials.Name)).RequireServiceKey();
    }
}
