namespace Shop.BuildingBlocks.Discovery;

/// <summary>A registry of services; the members are those of Steeltoe 4, so that its clients fit behind a few lines.</summary>
/// <remarks>Each call asks the registry and fails with it; <see cref="ServiceInstances"/> is what remembers.</remarks>
public interface IDiscoveryClient
{
    string Description { get; }

    IServiceInstance? GetLocalServiceInstance();

    Task<ISet<string>> GetServiceIdsAsync(CancellationToken cancellationToken);

    Task<IList<IServiceInstance>> GetInstancesAsync(string serviceId, CancellationToken cancellationToken);

    Task ShutdownAsync(CancellationToken cancellationToken);
}

/// <summary>A registry that tells of changes by itself.</summary>
/// <remarks>Nothing is told while the registry is away, and states that lasted shortly may be left out.</remarks>
public interface IWatchingDiscoveryClient : IDiscoveryClient
{
    IAsyncEnumerable<IReadOnlyList<IServiceInstance>> WatchAsync(string serviceId, CancellationToken cancellationToken);
}
