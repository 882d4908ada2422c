using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.Contracts.Internal;

namespace Shop.Lab.Seed;

/// <summary>Asks payments for customers, some at a time; asking again for those who are there changes nothing.</summary>
/// <remarks>Not by registration at the gateway: a password costs 0.1 s of a core each time, by design, and here one is enough for all.</remarks>
internal sealed class SeedRun(SeedOptions options)
{
    // A transaction of a few tenths of a second: nobody waits for it, and little is lost when it fails.
    private const int AtOnce = 250;
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<SeededCustomers> RunAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = options.Payments, Timeout = TimeSpan.FromMinutes(1) };
        await http.AddOperatorKeyAsync(options.OperatorKeyFile, cancellationToken);

        var total = new SeededCustomers(0, 0);
        for (var first = 1; first <= options.Customers; first += AtOnce)
        {
            var count = Math.Min(AtOnce, options.Customers - first + 1);
            var (made, existing) = await AskAsync(http, new SeedCustomers(options.Prefix, first, count, options.Password, options.Deposit), cancellationToken);
            total = new SeededCustomers(total.Made + made, total.Existing + existing);
        }

        return total;
    }

    // A 503 may have had its effect: then the repeat finds them there.
    private static async Task<SeededCustomers> AskAsync(HttpClient http, SeedCustomers request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var response = await http.PostAsJsonAsync("/ops/customers", request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return (await response.Content.ReadFromJsonAsync<SeededCustomers>(cancellationToken))!;
            }

            if (response.StatusCode is not HttpStatusCode.ServiceUnavailable || attempt == Attempts)
            {
                throw new SeedException(await RefusalAsync(response, cancellationToken));
            }

            await Task.Delay(response.Headers.RetryAfter?.Delta ?? Pause, cancellationToken);
        }
    }

    private static async Task<string> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            return $"{response.RequestMessage!.RequestUri} says {(int)response.StatusCode}: is this the address of payments?";
        }

        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        var errors = problem!["errors"]?.AsObject().Select(error => $"{error.Key}: {error.Value![0]}") ?? [];
        return $"payments says {string.Join(", ", [$"{problem["code"]}", .. errors])}";
    }
}
