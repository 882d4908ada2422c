using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>Consul as a registry: lists, watches, and this process's own entry.</summary>
internal sealed class ConsulDiscoveryClient(ConsulClient consul, ConsulRegistration registration, IOptions<ConsulDiscoveryOptions> options)
    : IWatchingDiscoveryClient
{
    public string Description => "Consul over HTTP, watched by blocking queries.";

    public IServiceInstance? GetLocalServiceInstance() => registration.Self;

    public async Task<ISet<string>> GetServiceIdsAsync(CancellationToken cancellationToken) =>
        (await consul.GetAsync<Dictionary<string, string[]>>("catalog/services", cancellationToken)).Value?.Keys.ToHashSet() ?? [];

    public async Task<IList<IServiceInstance>> GetInstancesAsync(string serviceId, CancellationToken cancellationToken) =>
        [.. Instances((await consul.GetAsync<ConsulHealthEntry[]>(PathOf(serviceId), cancellationToken)).Value)];

    public async IAsyncEnumerable<IReadOnlyList<IServiceInstance>> WatchAsync(
        string serviceId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var answer in consul.WatchAsync<ConsulHealthEntry[]>(PathOf(serviceId), cancellationToken))
        {
            yield return [.. Instances(answer.Value)];
        }
    }

    public Task ShutdownAsync(CancellationToken cancellationToken) => registration.DrainAsync(cancellationToken);

    private static IEnumerable<ServiceInstance> Instances(ConsulHealthEntry[]? entries) =>
        (entries ?? []).Select(entry => entry.ToInstance()).OfType<ServiceInstance>();

    private string PathOf(string serviceId) => $"health/service/{Uri.EscapeDataString(serviceId)}" + (options.Value.QueryPassing ? "?passing=true" : "");
}
