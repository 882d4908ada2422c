using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shop.Lab.Seed;

namespace Shop.Lab.Load;

/// <summary>One customer of the load, by the public API only. It remembers every order that was acknowledged.</summary>
internal sealed class Shopper(HttpClient http, string name, string password, Random random, int linesPerOrder)
{
    public List<string> Acknowledged { get; } = [];

    public List<double> Milliseconds { get; } = [];

    public Dictionary<string, int> Refusals { get; } = [];

    public Dictionary<string, int> Outcomes { get; } = [];

    private AuthenticationHeaderValue? _session;

    /// <summary>Logs in; who is new registers before and pays in after.</summary>
    public async Task EnterAsync(bool isNew, CancellationToken cancellationToken)
    {
        var credentials = new { name, password };
        if (isNew)
        {
            using var registered = await PostUntilAnsweredAsync("/api/v1/customers", credentials, cancellationToken);
            if (registered.StatusCode is not HttpStatusCode.Conflict)
            {
                registered.EnsureSuccessStatusCode(); // taken is fine: the name is this run's own, so an earlier try got it
            }
        }

        using var login = await PostUntilAnsweredAsync("/api/v1/session", credentials, cancellationToken);
        if (login.StatusCode is HttpStatusCode.Unauthorized)
        {
            throw new LoadException($"{name} cannot log in: 'lab -- seed' makes customers, and says their password");
        }

        var session = await login.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        _session = new AuthenticationHeaderValue("Bearer", session!["token"]!.GetValue<string>());
        if (isNew)
        {
            using var deposit = Request(HttpMethod.Post, "/api/v1/wallet/deposits", new { amount = new { amount = SeedOptions.DefaultDeposit, currency = "EUR" } });
            (await http.SendAsync(deposit, cancellationToken)).EnsureSuccessStatusCode();
        }
    }

    public async Task OrderAsync(IReadOnlyList<string> skus, TimeSpan duration, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration && !cancellationToken.IsCancellationRequested)
        {
            var lines = Enumerable.Range(0, linesPerOrder).Select(_ => skus[random.Next(skus.Count)]).Distinct().Select(sku => new { sku, quantity = 1 });
            using var request = Request(HttpMethod.Post, "/api/v1/orders", new { lines });
            var sent = Stopwatch.GetTimestamp();
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.Accepted)
            {
                Milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
                Acknowledged.Add(response.Headers.Location!.OriginalString);
                await response.Content.CopyToAsync(Stream.Null, cancellationToken);
                continue;
            }

            var problem = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
            var code = problem?["code"]?.GetValue<string>() ?? ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            Refusals[code] = Refusals.GetValueOrDefault(code) + 1;
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    /// <summary>Orders one article and waits for the end, at most for <paramref name="wait"/>: what became of it, and how long that took.</summary>
    public async Task<(string Outcome, TimeSpan Took)> BuyAsync(string sku, string checkout, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "/api/v1/orders", new { lines = new[] { new { sku, quantity = 1 } }, checkout });
        if (wait > TimeSpan.Zero)
        {
            request.Headers.Add("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={(int)wait.TotalSeconds}"));
        }

        var sent = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
            var took = Stopwatch.GetElapsedTime(sent);
            return (response.IsSuccessStatusCode ? body!["status"]!.GetValue<string>() : body?["code"]?.GetValue<string>() ?? $"{(int)response.StatusCode}", took);
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return ("no answer", Stopwatch.GetElapsedTime(sent));
        }
    }

    /// <summary>Waits until none of this customer's orders is pending.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        while ((await GetAsync("/api/v1/orders?status=pending&limit=1", cancellationToken))["items"]!.AsArray().Count > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    /// <summary>Counts what became of this run's orders, and which acknowledged ones the shop does not know.</summary>
    public async Task<IReadOnlyCollection<string>> ReviewAsync(CancellationToken cancellationToken)
    {
        var missing = new HashSet<string>(Acknowledged);
        string? cursor = null;
        do
        {
            var page = await GetAsync($"/api/v1/orders?limit=100{(cursor is null ? "" : $"&cursor={cursor}")}", cancellationToken);
            foreach (var order in page["items"]!.AsArray())
            {
                if (missing.Remove($"/api/v1/orders/{order!["id"]!.GetValue<string>()}"))
                {
                    var status = order["status"]!.GetValue<string>();
                    Outcomes[status] = Outcomes.GetValueOrDefault(status) + 1;
                }
            }

            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null && missing.Count > 0); // of a seeded customer, orders of earlier runs come after these
        return missing;
    }

    // Each password costs 0.1 s of a core, so a crowd that comes at once is told to come back.
    private async Task<HttpResponseMessage> PostUntilAnsweredAsync(string path, object body, CancellationToken cancellationToken)
    {
        while (true)
        {
            var response = await http.PostAsync(path, JsonContent.Create(body, body.GetType()), cancellationToken);
            if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
            {
                return response;
            }

            await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancellationToken);
            response.Dispose();
        }
    }

    private async Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = Request(HttpMethod.Get, path, null);
            using var response = await http.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancellationToken);
                continue;
            }

            return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!;
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, object? body)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
        request.Headers.Authorization = _session;
        if (method == HttpMethod.Post)
        {
            request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        }

        return request;
    }
}
