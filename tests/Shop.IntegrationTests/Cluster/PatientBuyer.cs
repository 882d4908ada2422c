using System.Diagnostics;
using System.Net;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Cluster;

/// <summary>A customer who repeats every request with the same key until it is answered, and remembers what was acknowledged.</summary>
internal sealed class PatientBuyer(string address, int seed, params string[] checkouts) : IDisposable
{
    public const string Sku = "umbrella";

    private static readonly string[] All = ["saga", "tcc", "xa", "message"];
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ShopClient _client = new(address) { ChecksRules = false };
    private readonly string[] _checkouts = checkouts.Length == 0 ? All : checkouts;
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, string> _orders = [];

    public int Acknowledged => _orders.Count;

    /// <summary>Orders that ended well; known after <see cref="CheckAsync"/>.</summary>
    public int Confirmed { get; private set; }

    /// <summary>Requests that had to be repeated, because no answer or a 503 came.</summary>
    public int Repeated { get; private set; }

    /// <summary>A new customer, logged in, who goes on without patience: to come in is not what is tested there.</summary>
    public static async Task<ShopClient> NewcomerAsync(string address, bool withMoney = false)
    {
        var buyer = new PatientBuyer(address, seed: 0);
        await (withMoney ? buyer.EnterAsync() : buyer.RegisterAsync());
        return buyer._client;
    }

    public async Task EnterAsync()
    {
        await RegisterAsync();
        await RepeatAsync(() => _client.DepositAsync(50_000_000, "first"), HttpStatusCode.Created);
    }

    public async Task BuyUntilAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var key = Guid.NewGuid().ToString();
            _client.Checkout = _checkouts[_random.Next(_checkouts.Length)];
            var sku = _random.Next(20) == 0 ? "expedition-tent" : Sku;
            var placed = await RepeatAsync(() => _client.OrderAsync(sku, 1, key), HttpStatusCode.Accepted);
            var id = placed.Body["id"]!.GetValue<string>();
            _orders.Add(key, id);

            // A steady load, not the most that the machine can do: the faults are what is tested.
            await Task.Delay(Between, CancellationToken.None);
            if (_random.Next(8) == 0)
            {
                await RepeatAsync(() => _client.PostAsync($"/api/v1/orders/{id}/cancel", new { }), HttpStatusCode.Accepted, HttpStatusCode.Conflict);
            }
        }
    }

    /// <summary>Every acknowledged order exists and is final, and each key made one.</summary>
    public async Task CheckAsync()
    {
        foreach (var id in _orders.Values)
        {
            var order = await RepeatAsync(() => _client.GetAsync($"/api/v1/orders/{id}"), HttpStatusCode.OK);
            var status = order.Body["status"]!.GetValue<string>();
            Assert.Contains(status, (string[])["confirmed", "rejected", "cancelled"]);
            Confirmed += status == "confirmed" ? 1 : 0;
        }

        Assert.Equal(_orders.Count, _orders.Values.Distinct().Count());
    }

    public void Dispose() => _client.Dispose();

    private async Task RegisterAsync()
    {
        _client.Rename($"buyer-{Guid.NewGuid():N}");
        await RepeatAsync(_client.RegisterAsync, HttpStatusCode.Created, HttpStatusCode.Conflict);
        await LogInAsync();
    }

    private Task LogInAsync() => RepeatAsync(
        async () =>
        {
            await _client.LogInAsync();
            return new Reply(HttpStatusCode.OK, "", new Dictionary<string, string>());
        },
        HttpStatusCode.OK);

    // Unknown and not-now are repeated; any other answer must be one of those that are expected.
    private async Task<Reply> RepeatAsync(Func<Task<Reply>> request, params HttpStatusCode[] expected)
    {
        var started = Stopwatch.GetTimestamp();
        var last = "";
        while (Stopwatch.GetElapsedTime(started) < Patience)
        {
            try
            {
                var reply = await request();
                last = $"{(int)reply.Status}: {reply.Text}";
                if (reply.Status is HttpStatusCode.Unauthorized)
                {
                    // Redis came back without the newest second of sessions.
                    await _client.LogInAsync();
                }
                else if (reply.Code is not "request-in-progress" && reply.Status is not (HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests))
                {
                    Assert.True(expected.Contains(reply.Status), last);
                    return reply;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or IOException or Xunit.Sdk.TrueException)
            {
                Assert.False(exception is Xunit.Sdk.TrueException && !exception.Message.Contains("503", StringComparison.Ordinal), exception.Message);
                last = exception.Message;
            }

            Repeated++;
            await Task.Delay(Pause);
        }

        throw new TimeoutException($"Not served within {Patience}; the last answer: {last}");
    }
}
