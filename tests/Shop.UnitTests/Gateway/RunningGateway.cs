using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Gateway;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.Gateway;

/// <summary>The real gateway on a loopback port, in front of one stand-in for all three services.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    private const string NobodyThere = "http://127.0.0.1:1";

    private readonly WebApplication _services = CreateServices();
    private WebApplication _gateway = null!;

    public IServiceProvider Services => _gateway.Services;

    public HttpClient Client { get; private set; } = null!;

    public Uri Address => Client.BaseAddress!;

    public async Task InitializeAsync()
    {
        await _services.StartAsync();
        var behind = _services.Urls.Single();

        var builder = Create();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Services:ordering:0"] = behind,
            ["Services:inventory:0"] = behind,
            ["Services:payments:0"] = behind,
            ["Services:inventory:1"] = NobodyThere,
            ["Services:payments:1"] = NobodyThere,
            ["Proxy:LoadBalancingByService:inventory"] = "RoundRobin",
        });
        builder.AddServiceDefaults(ServiceNames.Gateway);
        builder.AddGateway();
        _gateway = builder.Build();
        _gateway.MapServiceDefaults();
        _gateway.MapGateway();
        await _gateway.StartAsync();
        Client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(_gateway.Urls.Single()) };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await _gateway.DisposeAsync();
        await _services.DisposeAsync();
    }

    public async Task<string> LogInAsync()
    {
        using var response = await Client.PostAsJsonAsync("/api/v1/session", new { name = "ann", password = "a password" });
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["token"]!.GetValue<string>();
    }

    private static WebApplication CreateServices()
    {
        var builder = Create();
        builder.AddServiceDefaults(ServiceNames.Ordering);
        var app = builder.Build();
        app.MapServiceDefaults();
        app.MapGet("/api/v1/orders/{id}", Echo);
        app.MapPost("/api/v1/orders/{id}/cancel", Echo);
        app.MapGet("/api/v1/products/{sku}", Echo);
        app.MapPost("/api/v1/orders", async (HttpContext context, CancellationToken aborted) => TypedResults.Accepted((string?)null, new
        {
            Body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: aborted),
            Fingerprint = context.Request.Headers[ShopHeaders.Fingerprint].ToString(),
        }));
        app.MapPost("/internal/credentials", (Credentials credentials) => new CustomerIdentity(4711, credentials.Name)).RequireServiceKey();
        return app;
    }

    private static Dictionary<string, string> Echo(HttpContext context) =>
        context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());

    private static WebApplicationBuilder Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Identity:SigningKeys:0"] = Convert.ToBase64String(new byte[32]),
            ["Security:ServiceKey"] = new string('k', 32),
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "None",
        });
        return builder;
    }
}
