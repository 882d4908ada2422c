using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shop.Contracts;
using Shop.Gateway;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Discovery;

/// <summary>A process of the shop with what every process has, on a loopback port of its own.</summary>
internal sealed class AppHost : IAsyncDisposable
{
    private const string Key = "a key that only this test process knows";

    private readonly WebApplication _app;

    private AppHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Client.DefaultRequestHeaders.Add(ShopHeaders.OperatorKey, Key);
    }

    /// <summary>Has the operator key.</summary>
    public HttpClient Client { get; }

    public int Port => Client.BaseAddress!.Port;

    /// <summary>A stand-in for a service: it says who it is on the route of a product, and what deadline it was given.</summary>
    public static Task<AppHost> ReplicaAsync(string service, Dictionary<string, string?> settings) => StartAsync(
        service,
        settings,
        _ => { },
        app =>
        {
            app.MapGet("/api/v1/products/{sku}", (HttpContext context) => new { Deadline = context.Request.Headers[ShopHeaders.Deadline].ToString() });
            app.MapGet("/slow", async (int milliseconds, CancellationToken aborted) =>
            {
                await Task.Delay(milliseconds, aborted);
                return "done";
            });
        });

    public static Task<AppHost> GatewayAsync(Dictionary<string, string?> settings) =>
        StartAsync(ServiceNames.Gateway, settings, builder => builder.AddGateway(), app => app.MapGateway());

    public static async Task<AppHost> StartAsync(
        string service, Dictionary<string, string?> settings, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls(settings.GetValueOrDefault("urls") ?? "http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Security:ServiceKey"] = Key,
            ["Security:OperatorKey"] = Key,
            ["Identity:SigningKeys:0"] = Convert.ToBase64String(new byte[32]),
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults(service);
        add(builder);
        builder.Logging.ClearProviders();

        var app = builder.Build();
        app.MapServiceDefaults();
        map(app);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new AppHost(app);
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task<JsonNode> ConfigAsync() => (await Client.GetFromJsonAsync<JsonNode>("/ops/config"))!;

    /// <summary>One setting as the operator sees it; null when it is not there.</summary>
    public async Task<JsonNode?> SettingAsync(string key) =>
        (await ConfigAsync())["settings"]!.AsArray().SingleOrDefault(setting => setting!["key"]!.GetValue<string>() == key);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
