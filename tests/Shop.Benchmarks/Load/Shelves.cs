using System.Net.Http.Json;
using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Load;

/// <summary>Articles that nobody will buy empty during a measurement.</summary>
internal static class Shelves
{
    public const int Price = 100;

    private const int Articles = 1_000;
    private const int SmokeArticles = 20;
    private const int Pieces = 1_000_000_000;
    private const int AtOnce = 8;

    public static string Any(Random random, int articles) => Sku(random.Next(articles));

    public static string Sku(int number) => $"bench-{number}";

    /// <returns>How many articles there are.</returns>
    public static Task<int> FillAsync(Workbench bench, ShopCluster cluster, HttpClient operatorClient, CancellationToken cancellationToken) => bench.OnceAsync(nameof(Shelves), async () =>
    {
        var articles = bench.Sized(Articles, SmokeArticles);
        bench.Tell($"{articles} articles are put on the shelves");
        await Parallel.ForAsync(
            0,
            articles,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (number, token) =>
            {
                var inventory = new Uri($"http://127.0.0.1:{cluster.Connections.Ports.Inventory(1)}");
                var product = new { name = Sku(number), description = "For a measurement.", price = new { amount = Price, currency = "EUR" } };
                (await operatorClient.PutAsJsonAsync(new Uri(inventory, $"/ops/products/{Sku(number)}"), product, token)).EnsureSuccessStatusCode();
                var receipt = new { receiptId = Sku(number), quantity = Pieces };
                (await operatorClient.PostAsJsonAsync(new Uri(inventory, $"/ops/stock/{Sku(number)}/receipts"), receipt, token)).EnsureSuccessStatusCode();
            });
        return articles;
    });
}
