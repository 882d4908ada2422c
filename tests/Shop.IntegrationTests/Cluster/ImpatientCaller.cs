using System.Globalization;
using System.Net;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Cluster;

/// <summary>A customer who asks for one thing after the other, repeats nothing, and notes whatever was not answered as it should be.</summary>
internal sealed class ImpatientCaller(string address, int seed) : IDisposable
{
    private const string Sku = "umbrella";

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(seed);
    private readonly List<string> _failures = [];
    private ShopClient _client = null!;
    private string? _order;

    public int Answered { get; private set; }

    public IReadOnlyList<string> Failures => _failures;

    public async Task EnterAsync() => _client = await PatientBuyer.NewcomerAsync(address, withMoney: true);

    public async Task CallUntilAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await OnceAsync();
            await Task.Delay(Between, CancellationToken.None);
        }
    }

    public void Dispose() => _client.Dispose();

    // Each service, and what the gateway does itself; reads and writes, with and without a body.
    private Task OnceAsync() => _random.Next(8) switch
    {
        0 or 1 => OrderAsync(),
        2 when _order is { } id => TryAsync("read an order", () => _client.GetAsync($"/api/v1/orders/{id}"), HttpStatusCode.OK),
        3 when _order is { } id => TryAsync(
            "cancel an order", () => _client.PostAsync($"/api/v1/orders/{id}/cancel", new { }), HttpStatusCode.Accepted, HttpStatusCode.Conflict),
        4 => TryAsync("deposit", () => _client.DepositAsync(100), HttpStatusCode.Created),
        5 => TryAsync("fill the cart", () => _client.SendAsync(HttpMethod.Put, $"/api/v1/cart/items/{Sku}", new { quantity = 1 }), HttpStatusCode.OK),
        6 => TryAsync("read the wallet", () => _client.GetAsync("/api/v1/wallet"), HttpStatusCode.OK),
        _ => TryAsync("read a product", () => _client.GetAsync($"/api/v1/products/{Sku}"), HttpStatusCode.OK),
    };

    private async Task OrderAsync()
    {
        if (await TryAsync("order", () => _client.OrderAsync(Sku), HttpStatusCode.Accepted) is { } placed)
        {
            _order = placed.Body["id"]!.GetValue<string>();
        }
    }

    private async Task<Reply?> TryAsync(string what, Func<Task<Reply>> request, params HttpStatusCode[] expected)
    {
        var sent = TimeProvider.System.GetUtcNow();
        try
        {
            var reply = await request();
            if (expected.Contains(reply.Status))
            {
                Answered++;
                return reply;
            }

            Note($"{(int)reply.Status} of {reply.Header("Shop-Instance") ?? "nginx"}: {reply.Text}");
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException)
        {
            Note(exception.Message);
        }

        return null;

        void Note(string failure) => _failures.Add($"{sent.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)} {what}: {failure}");
    }
}
