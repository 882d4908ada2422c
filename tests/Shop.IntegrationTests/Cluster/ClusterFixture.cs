using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;

namespace Shop.IntegrationTests.Cluster;

/// <summary>The whole cluster, two replicas of everything behind nginx, for the tests of several classes, one after the other.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();
    private HttpClient _operator = null!;

    internal ShopCluster Cluster { get; private set; } = null!;

    /// <summary>Signs nothing at first and is accepted by all: the key that a rotation would bring in.</summary>
    internal string NextSigningKey { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>Has the operator key; use full addresses.</summary>
    internal HttpClient Operator => _operator;

    internal string Address => Cluster.Connections.Public.GetLeftPart(UriPartial.Authority);

    public async Task InitializeAsync()
    {
        Cluster = await Servers.UpAsync(_directory.Path, ClusterParts.All | ClusterParts.Links, settings: new Dictionary<string, string>
        {
            // The real number of rounds costs 0.1 s of CPU for each registration and login; the format is the same with fewer.
            ["Passwords:Iterations"] = "1000",
            ["Identity:SigningKeys:1"] = NextSigningKey,

            // A replica that died is given up sooner, and the tests that kill one wait less.
            ["Jobs:Lease"] = "00:00:04",
            ["Jobs:CheckinInterval"] = "00:00:02",

            // How the shop does without a Redis that is slow is tested elsewhere. Here a machine that stands still for a second would be such a Redis.
            ["Redis:OperationTimeout"] = "00:00:10",
            ["Locks:NodeTimeout"] = "00:00:05",
            ["Locks:Patience"] = "00:00:30", // less than a client's
        });
        _operator = new HttpClient { Timeout = TimeSpan.FromMinutes(1) };
        _operator.DefaultRequestHeaders.Add("Shop-Operator-Key", Cluster.Secrets.OperatorKey);
        _operator.DefaultRequestHeaders.Add("Shop-Operator", "ada");

        // What all buyers of all tests want, more of it than they can buy: sold out, the shop would only be tested at refusing.
        var receipt = new { receiptId = "for the tests", quantity = 1_000_000 };
        using var stocked = await _operator.PostAsJsonAsync($"http://127.0.0.1:{Cluster.Connections.Ports.Inventory(1)}/ops/stock/{PatientBuyer.Sku}/receipts", receipt);
        stocked.EnsureSuccessStatusCode();
    }

    public async Task DisposeAsync()
    {
        // Not there when the start failed; then it has cleaned up by itself.
        if (Cluster is not null)
        {
            _operator.Dispose();
            await Cluster.DownAsync();
        }

        Assert.Empty(Servers.Left(_directory.Path));
        _directory.Dispose();
    }

    /// <summary>The invariant report once nothing is in flight any more, from whichever replica of ordering answers.</summary>
    internal async Task<JsonNode> QuietInvariantsAsync(TimeSpan atMost)
    {
        using var patience = new CancellationTokenSource(atMost);
        JsonNode? report = null;
        while (!patience.IsCancellationRequested)
        {
            foreach (var replica in new[] { 1, 2 })
            {
                try
                {
                    var address = $"http://127.0.0.1:{Cluster.Connections.Ports.Ordering(replica)}/ops/invariants";
                    report = JsonNode.Parse(await _operator.GetStringAsync(new Uri(address), patience.Token))!;
                    if (report["inFlight"]!.GetValue<long>() == 0)
                    {
                        return report;
                    }
                }
                catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
                {
                    // Not there yet, or a participant is not.
                }
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"Not quiet within {atMost}: {report?.ToJsonString()}");
    }
}
