using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Shop.IntegrationTests.Support;

/// <summary>One caller of the public API: knows HTTP and JSON, nothing of the code behind it.</summary>
internal sealed class ShopClient : IDisposable
{
    private readonly HttpClient _http;

    public ShopClient(string address)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri(address),
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public HttpClient Http => _http;

    /// <summary>Whether every reply is held against the rules of the API; off behind a server that adds words of its own, or while one dies.</summary>
    public bool ChecksRules { get; init; } = true;

    /// <summary>The protocol that orders ask for; none leaves it to the shop.</summary>
    public string? Checkout { get; set; }

    public string Name { get; private set; } = "";

    public string? Token { get; private set; }

    /// <summary>A new customer with the welcome balance of 100 EUR, logged in by bearer token.</summary>
    public static async Task<ShopClient> LoggedInAsync(string address)
    {
        var client = new ShopClient(address);
        client.Rename($"c-{Guid.NewGuid():N}");
        await client.RegisterAsync().Expect(HttpStatusCode.Created);
        await client.LogInAsync();
        return client;
    }

    /// <summary>Who this client registers and logs in as from now on.</summary>
    public void Rename(string name) => Name = name;

    public Task<Reply> RegisterAsync() => PostAsync("/api/v1/customers", new { name = Name, password = "correct horse" });

    public async Task LogInAsync()
    {
        var session = await SendAsync(HttpMethod.Post, "/api/v1/session", new { name = Name, password = "correct horse" }).Expect(HttpStatusCode.Created, HttpStatusCode.OK);
        Token = session.Body["token"]!.GetValue<string>();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public Task<Reply> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Reply> PostAsync(string path, object? body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    /// <summary>Sends <paramref name="body"/> as JSON; a string or a content is sent as it is.</summary>
    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body switch
            {
                HttpContent content => content,
                string text => new StringContent(text, Encoding.UTF8, "application/json"),
                _ => JsonContent.Create(body, body.GetType()),
            };
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await _http.SendAsync(request);
        var reply = await Reply.FromAsync(response);
        if (ChecksRules)
        {
            ApiRules.Check(method, reply);
        }

        return reply;
    }

    public Task<Reply> OrderAsync(string sku, int quantity = 1, string? key = null, string? prefer = null) =>
        OrderAsync([(sku, quantity)], key, prefer);

    public Task<Reply> OrderAsync((string Sku, int Quantity)[] lines, string? key = null, string? prefer = null)
    {
        var headers = new List<(string, string)> { ("Idempotency-Key", key ?? Guid.NewGuid().ToString()) };
        if (prefer is not null)
        {
            headers.Add(("Prefer", prefer));
        }

        var asked = lines.Select(l => new { sku = l.Sku, quantity = l.Quantity });
        return PostAsync("/api/v1/orders", Checkout is null ? new { lines = asked } : new { lines = asked, checkout = Checkout }, [.. headers]);
    }

    public Task<Reply> DepositAsync(long amount, string? key = null) => PostAsync(
        "/api/v1/wallet/deposits", new { amount = new { amount, currency = "EUR" } }, ("Idempotency-Key", key ?? Guid.NewGuid().ToString()));

    public async Task<long> BalanceAsync() => (await GetAsync("/api/v1/wallet").Expect(HttpStatusCode.OK)).Body["balance"]!["amount"]!.GetValue<long>();

    public async Task<JsonNode> StockAsync(string sku) => (await GetAsync($"/api/v1/products/{sku}/stock").Expect(HttpStatusCode.OK)).Body;

    /// <summary>The order when it is final, looking again until then.</summary>
    public async Task<JsonNode> FinalAsync(string orderId, double seconds = 30)
    {
        for (var i = 0; i < seconds * 50; i++)
        {
            var order = (await GetAsync($"/api/v1/orders/{orderId}").Expect(HttpStatusCode.OK)).Body;
            if (order["status"]!.GetValue<string>() is "confirmed" or "rejected" or "cancelled")
            {
                return order;
            }

            await Task.Delay(20);
        }

        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"Order {orderId} is not final after {seconds} s."));
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A response, read to its end.</summary>
internal sealed record Reply(HttpStatusCode Status, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Body => JsonNode.Parse(Text)!;

    public string? Code => Text.Length > 0 && Header("Content-Type")?.StartsWith("application/problem+json", StringComparison.Ordinal) == true
        ? Body["code"]?.GetValue<string>()
        : null;

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static async Task<Reply> FromAsync(HttpResponseMessage response) => new(
        response.StatusCode,
        await response.Content.ReadAsStringAsync(),
        response.Headers.Concat(response.Content.Headers).Concat(response.Headers.NonValidated.Select(h => KeyValuePair.Create(h.Key, (IEnumerable<string>)[.. h.Value])))
            .DistinctBy(h => h.Key, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase));
}

internal static class ReplyExpectations
{
    public static async Task<Reply> Expect(this Task<Reply> reply, params HttpStatusCode[] statuses)
    {
        var actual = await reply;
        Assert.True(statuses.Contains(actual.Status), $"{(int)actual.Status} instead of {string.Join(" or ", statuses.Select(s => (int)s))}: {actual.Text}");
        return actual;
    }

    /// <summary>A refusal in the API's problem format with this code.</summary>
    public static async Task<Reply> ExpectProblem(this Task<Reply> reply, HttpStatusCode status, string code)
    {
        var actual = await reply.Expect(status);
        Assert.Equal("application/problem+json", actual.Header("Content-Type")?.Split(';')[0]);
        Assert.Equal(code, actual.Code);
        Assert.Equal($"/problems/{code}", actual.Body["type"]!.GetValue<string>());
        Assert.Equal((int)status, actual.Body["status"]!.GetValue<int>());
        Assert.False(string.IsNullOrEmpty(actual.Body["traceId"]?.GetValue<string>()));
        return actual;
    }
}
