using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.Lab.Load;

/// <summary>One load: customers enter, order for a while, wait for the end of every order, and look what became of them.</summary>
/// <remarks>A closed loop: each customer has one request in flight. It measures capacity; its latencies are those at full load.</remarks>
internal sealed class LoadRun(LoadOptions options)
{
    // A password costs 0.1 s of CPU by design; a crowd at the door would only wait for each other.
    private const int EnteringAtOnce = 4;

    public async Task<LoadResult> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = options.Clients, UseCookies = false })
        {
            BaseAddress = options.Gateway,
            Timeout = TimeSpan.FromSeconds(60),
        };
        var skus = await SkusAsync(http, cancellationToken);
        var run = Guid.NewGuid().ToString("N")[..8];
        var shoppers = Enumerable.Range(1, options.Clients)
            .Select(i => new Shopper(
                http, $"{options.Customers ?? $"load-{run}"}-{i}", options.Password, new Random(options.Seed + i), options.Lines))
            .ToList();

        var isNew = options.Customers is null;
        progress($"{options.Clients} customers {(isNew ? "register and " : "")}log in (seed {options.Seed})");
        await Parallel.ForEachAsync(
            shoppers,
            new ParallelOptions { MaxDegreeOfParallelism = EnteringAtOnce, CancellationToken = cancellationToken },
            async (shopper, token) => await shopper.EnterAsync(isNew, token));

        progress($"They order for {options.Duration.TotalSeconds} s");
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(shoppers.Select(s => Task.Run(() => s.OrderAsync(skus, options.Duration, cancellationToken), cancellationToken)));
        var ordering = Stopwatch.GetElapsedTime(started);

        progress("The orders come to their ends");
        await Task.WhenAll(shoppers.Select(s => s.DrainAsync(cancellationToken)));
        var drained = Stopwatch.GetElapsedTime(started);

        var missing = (await Task.WhenAll(shoppers.Select(s => s.ReviewAsync(cancellationToken)))).SelectMany(m => m).ToList();
        return new LoadResult(shoppers, ordering, drained, missing, await InvariantsAsync(cancellationToken));
    }

    private static async Task<List<string>> SkusAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var skus = new List<string>();
        string? cursor = null;
        do
        {
            var page = await http.GetFromJsonAsync<JsonObject>($"/api/v1/products?limit=100{(cursor is null ? "" : $"&cursor={cursor}")}", cancellationToken);

            // Only what a load can buy for a while: the question is how fast, not how soon the shelves are empty.
            skus.AddRange(page!["items"]!.AsArray()
                .Where(p => p!["available"]!.GetValue<long>() >= 500 && p["price"]!["amount"]!.GetValue<long>() <= 5_000)
                .Select(p => p!["sku"]!.GetValue<string>()));
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor is not null);
        return skus.Count > 0 ? skus : throw new LoadException("no product has 500 pieces left: start over with --reset");
    }

    private async Task<JsonObject?> InvariantsAsync(CancellationToken cancellationToken)
    {
        if (options.OperatorKeyFile is not { } file)
        {
            return null;
        }

        using var http = new HttpClient { BaseAddress = options.Ordering, Timeout = TimeSpan.FromMinutes(5) };
        await http.AddOperatorKeyAsync(file, cancellationToken);
        return await http.GetFromJsonAsync<JsonObject>("/ops/invariants", cancellationToken);
    }
}
