using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Support;

/// <summary>One service as it runs in production, in this process on a loopback port of its own, with a transport that the test holds.</summary>
internal sealed class ServiceHost : IAsyncDisposable
{
    private const string Key = "a key that only this test process knows";

    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    private readonly WebApplication _app;
    private readonly string _service;

    private ServiceHost(WebApplication app, string service, RecordingTransport transport)
    {
        _app = app;
        _service = service;
        Transport = transport;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Client.DefaultRequestHeaders.Add(ShopHeaders.ServiceKey, Key);
        Client.DefaultRequestHeaders.Add(ShopHeaders.OperatorKey, Key);
    }

    public RecordingTransport Transport { get; }

    /// <summary>Has the service key and the operator key.</summary>
    public HttpClient Client { get; }

    public static async Task<ServiceHost> StartAsync(
        string service,
        Action<WebApplicationBuilder> add,
        Action<WebApplication> map,
        string databasePath,
        Dictionary<string, string?>? configuration = null)
    {
        var transport = new RecordingTransport();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Security:ServiceKey"] = Key,
            ["Security:OperatorKey"] = Key,
            ["Identity:SigningKeys:0"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)),
            ["Database:Path"] = databasePath,
            ["Services:ordering:0"] = "http://127.0.0.1:9", // whom participants ask for decisions; here nobody is there
            ["Messaging:PollInterval"] = "00:00:00.050",
        });
        builder.Configuration.AddInMemoryCollection(configuration ?? []);
        builder.AddServiceDefaults(service);
        builder.Services.AddSingleton<ITransport>(transport);
        add(builder);
        builder.Logging.ClearProviders();

        var app = builder.Build();
        app.MapServiceDefaults();
        map(app);
        await app.StartAsync();
        return new ServiceHost(app, service, transport);
    }

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public Task<IReadOnlyList<OperationAnswered>> AskAsync(params IReadOnlyList<Message> messages) => Transport.AskAsync(messages);

    public Task<List<DeadLetter>> DeadLettersAsync<TContext>() where TContext : ShopDbContext =>
        Get<Database<TContext>>().ReadAsync(db => Task.FromResult(db.DeadLetters.ToList()), CancellationToken.None);

    public async Task<T> GetAsync<T>(string path) =>
        await Client.GetFromJsonAsync<T>(path, Json) ?? throw new InvalidOperationException($"{path} answered null.");

    /// <summary>A request as the gateway would send it for this customer.</summary>
    public async Task<HttpResponseMessage> SendAsync(Customer customer, HttpMethod method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add(ShopHeaders.Identity, Get<IdentitySigner>().Sign(customer, _service));
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            request.Headers.Add(ShopHeaders.Fingerprint, Get<FingerprintSigner>().Sign(Encoding.UTF8.GetBytes(body), customer.Id, method.Method, path));
        }

        if (key is not null)
        {
            request.Headers.Add(ShopHeaders.IdempotencyKey, key);
        }

        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
