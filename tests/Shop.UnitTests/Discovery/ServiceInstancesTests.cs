using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Discovery;

public sealed class ServiceInstancesTests
{
    [Fact]
    public void Without_a_registry_the_configured_addresses_are_the_replicas()
    {
        using var instances = Instances(null, ("Services:inventory:0", "http://127.0.0.1:5001"), ("Services:inventory:1", "http://127.0.0.1:5002"));

        Assert.Equal([5001, 5002], instances.Of("inventory").Instances.Select(replica => replica.Port));
    }

    [Fact]
    public void Without_a_registry_and_without_addresses_nothing_starts() =>
        Assert.Contains("Services:inventory", Assert.Throws<InvalidOperationException>(() => Instances(null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Another_registry_in_the_shape_of_Steeltoes_is_polled_and_outlived()
    {
        var registry = new Registry { Names = ["a", "b"] };
        using var instances = Instances(registry, ("Services:inventory:0", "http://127.0.0.1:5001"));
        Assert.Equal([5001], instances.Of("inventory").Instances.Select(replica => replica.Port)); // until it has answered

        await instances.StartAsync(CancellationToken.None);
        await UntilAsync(() => Known().SequenceEqual(["a", "b"]));
        registry.Names = ["b"];
        await UntilAsync(() => Known().SequenceEqual(["b"]));
        registry.Names = [];
        await UntilAsync(() => instances.Of("inventory").IsLastGood);
        registry.IsAway = true;
        await registry.NextQuestionAsync();

        Assert.Equal(["b"], Known());
        await instances.StopAsync(CancellationToken.None);

        IEnumerable<string> Known() => instances.Of("inventory").Instances.Select(replica => replica.InstanceId);
    }

    [Fact]
    public void A_weight_from_the_settings_overrules_the_registrys_and_is_told()
    {
        var routing = new ManualOptions<RoutingOptions>(new RoutingOptions());
        using var instances = Instances(null, routing, ("Services:inventory:0", "http://127.0.0.1:5001"));
        var changes = 0;
        instances.Changed += () => changes++;

        routing.Change(new RoutingOptions { Weights = { ["127.0.0.1:5001"] = 7 } });
        Assert.Equal((7, 1), (instances.Of("inventory").Instances[0].Weight, changes));

        routing.Change(new RoutingOptions());
        Assert.Equal((1, 2), (instances.Of("inventory").Instances[0].Weight, changes));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isSo())
        {
            await Task.Delay(10, bound.Token);
        }
    }

    [Fact]
    public async Task A_replica_is_reached_by_the_way_that_this_process_was_given()
    {
        var via = new ViaAddress { InstanceId = "b", Address = new Uri("http://127.0.0.1:9000") };
        using var instances = Instances(
            new Registry { Names = ["a", "b"] }, new ManualOptions<RoutingOptions>(new RoutingOptions()), [], new ConsulDiscoveryOptions { Via = { via } });
        await instances.StartAsync(CancellationToken.None);
        await UntilAsync(() => instances.Of("inventory").Instances.Length > 0);

        Assert.Equal([("a", 80), ("b", 9000)], instances.Of("inventory").Instances.Select(replica => (replica.InstanceId, replica.Port)));
        await instances.StopAsync(CancellationToken.None);
    }

    private static ServiceInstances Instances(IDiscoveryClient? client, params (string Key, string Value)[] settings) =>
        Instances(client, new ManualOptions<RoutingOptions>(new RoutingOptions()), settings);

    private static ServiceInstances Instances(
        IDiscoveryClient? client, ManualOptions<RoutingOptions> routing, params (string Key, string Value)[] settings) =>
        Instances(client, routing, settings, new ConsulDiscoveryOptions { PollInterval = TimeSpan.FromMilliseconds(50) });

    private static ServiceInstances Instances(
        IDiscoveryClient? client, ManualOptions<RoutingOptions> routing, (string Key, string Value)[] settings, ConsulDiscoveryOptions discovery) => new(
        [new WatchedService("inventory")],
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build(),
        routing,
        Options.Create(discovery),
        TimeProvider.System,
        NullLogger<ServiceInstances>.Instance,
        client);

    private sealed class Registry : IDiscoveryClient
    {
        private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public volatile string[] Names = [];

        public volatile bool IsAway;

        public string Description => "A test's own.";

        public Task NextQuestionAsync() => (_asked = new(TaskCreationOptions.RunContinuationsAsynchronously)).Task.WaitAsync(TimeSpan.FromMinutes(1));

        public IServiceInstance? GetLocalServiceInstance() => null;

        public Task<ISet<string>> GetServiceIdsAsync(CancellationToken cancellationToken) => Task.FromResult<ISet<string>>(new HashSet<string>());

        public Task<IList<IServiceInstance>> GetInstancesAsync(string serviceId, CancellationToken cancellationToken)
        {
            _asked.TrySetResult();
            return IsAway
                ? throw new HttpRequestException("refused")
                : Task.FromResult<IList<IServiceInstance>>(
                    [.. Names.Select(name => new ServiceInstance(serviceId, name, new Uri($"http://{name}:80"), ImmutableDictionary<string, string?>.Empty))]);
        }

        public Task ShutdownAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
