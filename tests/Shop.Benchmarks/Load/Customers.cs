using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster;
using Shop.Lab.Seed;

namespace Shop.Benchmarks.Load;

/// <summary>Customers with money, logged in through the public address.</summary>
internal static class Customers
{
    private const string Prefix = "bench";
    private const int AtOnce = 4;
    private const int Count = 256;
    private const int SmokeCount = 8;

    /// <returns>The bearer token of each.</returns>
    public static Task<IReadOnlyList<string>> EnterAsync(Workbench bench, ShopCluster cluster, CancellationToken cancellationToken) => bench.OnceAsync(nameof(Customers), async () =>
    {
        var count = bench.Sized(Count, SmokeCount);
        bench.Tell($"{count} customers log in");
        return await EnterAsync(cluster, count, cancellationToken);
    });

    private static async Task<IReadOnlyList<string>> EnterAsync(ShopCluster cluster, int count, CancellationToken cancellationToken)
    {
        var payments = new Uri($"http://127.0.0.1:{cluster.Connections.Ports.Payments(1)}");
        await new SeedRun(new SeedOptions(
            payments, count, Prefix, SeedOptions.DefaultPassword, SeedOptions.MaxDeposit, new FileInfo(cluster.Directory.OperatorKeyFile))).RunAsync(cancellationToken);

        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = cluster.Connections.Public };
        var tokens = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (i, token) =>
        {
            // Logins are limited for each address; who has to wait is told for how long.
            while (tokens[i] is null)
            {
                var credentials = new { name = $"{Prefix}-{i + 1}", password = SeedOptions.DefaultPassword };
                using var response = await http.PostAsJsonAsync("/api/v1/session", credentials, token);
                if (response.IsSuccessStatusCode)
                {
                    tokens[i] = (await response.Content.ReadFromJsonAsync<JsonObject>(token))!["token"]!.GetValue<string>();
                }
                else
                {
                    await Task.Delay(response.Headers.RetryAfter?.Delta ?? throw new HttpRequestException($"a login was answered with {response.StatusCode}"), token);
                }
            }
        });
        return tokens;
    }
}
