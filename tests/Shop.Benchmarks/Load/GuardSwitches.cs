using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Shop.Benchmarks.Frame;
using Shop.BuildingBlocks.Faults;

namespace Shop.Benchmarks.Load;

/// <summary>The guards of a running cluster, switched by the store that its settings come from.</summary>
internal sealed class GuardSwitches : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly OrderingShop _shop;
    private readonly IReadOnlyList<string> _guards;
    private readonly HttpClient _store;

    public GuardSwitches(OrderingShop shop, IReadOnlyList<string> guards)
    {
        (_shop, _guards) = (shop, guards);
        _store = new HttpClient { BaseAddress = shop.Cluster.Connections.Consul[0] };
        _store.DefaultRequestHeaders.Add("X-Consul-Token", $"{shop.Cluster.Secrets.ConsulManagementToken}");
    }

    /// <summary>All guards are on but this one, at every replica of every service when it returns.</summary>
    /// <exception cref="BenchException">A replica did not follow.</exception>
    public async Task OnlyOffAsync(string? off, CancellationToken cancellationToken)
    {
        var wanted = _guards.ToDictionary(guard => $"{GuardOptions.Section}:{guard}", guard => guard == off ? "false" : "true");
        var writes = wanted.Select(entry => new
        {
            KV = new
            {
                Verb = "set",
                Key = $"config/application/{entry.Key.Replace(':', '/')}",
                Value = Convert.ToBase64String(Encoding.UTF8.GetBytes(entry.Value)),
            },
        });
        using var answer = await _store.PutAsJsonAsync("/v1/txn", writes, cancellationToken);
        answer.EnsureSuccessStatusCode();

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        foreach (var replica in Replicas())
        {
            while (!await HasAsync(replica, wanted, cancellationToken))
            {
                if (patience.IsCancellationRequested)
                {
                    throw new BenchException($"{replica} did not take its guards from the store");
                }

                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    public void Dispose() => _store.Dispose();

    private IEnumerable<Uri> Replicas()
    {
        var ports = _shop.Cluster.Connections.Ports;
        return Enumerable.Range(1, _shop.Cluster.Options.Replicas)
            .SelectMany(replica => new[] { ports.Ordering(replica), ports.Inventory(replica), ports.Payments(replica) })
            .Select(port => new Uri($"http://127.0.0.1:{port}/ops/config"));
    }

    private async Task<bool> HasAsync(Uri replica, Dictionary<string, string> wanted, CancellationToken cancellationToken)
    {
        var view = (await _shop.Operator.GetFromJsonAsync<JsonObject>(replica, cancellationToken))!;
        var values = view["settings"]!.AsArray().ToDictionary(setting => setting!["key"]!.GetValue<string>(), setting => setting!["value"]?.ToString());
        return wanted.All(entry => values.GetValueOrDefault(entry.Key) == entry.Value);
    }
}
