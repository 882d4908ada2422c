using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>A service that this process calls, so that its replicas are watched.</summary>
public sealed record WatchedService(string Name);

/// <summary>Who can be called: the replicas of each watched service, from the registry where there is one, else from <c>Services:&lt;name&gt;</c>.</summary>
/// <remarks>
/// Lists are as new as the registry's last answer. They outlive the registry: when it is away, or says that nobody is left, the last good list
/// stays. Where <c>Services:&lt;name&gt;</c> is configured beside a registry, it serves until the first answer.
/// </remarks>
public sealed partial class ServiceInstances : BackgroundService
{
    private readonly IDiscoveryClient? _client;
    private readonly IOptionsMonitor<RoutingOptions> _routing;
    private readonly ConsulDiscoveryOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ServiceInstances> _logger;
    private readonly IDisposable? _routingChanges;
    private readonly ImmutableDictionary<string, TaskCompletionSource> _firstAnswers;
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, ServiceList> _known;
    private ImmutableDictionary<string, ServiceList> _weighed;

    public ServiceInstances(
        IEnumerable<WatchedService> services,
        IConfiguration configuration,
        IOptionsMonitor<RoutingOptions> routing,
        IOptions<ConsulDiscoveryOptions> options,
        TimeProvider clock,
        ILogger<ServiceInstances> logger,
        IDiscoveryClient? client = null)
    {
        (_client, _routing, _options, _clock, _logger) = (client, routing, options.Value, clock, logger);
        var names = services.Select(service => service.Name).Distinct().ToArray();
        _firstAnswers = names.ToImmutableDictionary(name => name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _known = names.ToImmutableDictionary(name => name, name => Configured(configuration, name, isRequired: client is null));
        _weighed = Weigh(_known);
        _routingChanges = routing.OnChange(_ => Publish(known => known));
    }

    /// <summary>Called after a list or a weight has changed, on the thread that saw it.</summary>
    public event Action? Changed;

    /// <summary>The replicas that are known now; none of a service that the registry has not named yet.</summary>
    public ServiceList Of(string service) => Volatile.Read(ref _weighed).GetValueOrDefault(service, ServiceList.Empty);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        if (_client is not null && _options.StartWait > TimeSpan.Zero)
        {
            // The first requests would find nobody. A registry that is away holds the start up by no more than this.
            await Task.WhenAny(
                Task.WhenAll(_firstAnswers.Values.Select(answer => answer.Task)),
                Task.Delay(_options.StartWait, _clock, cancellationToken));
        }
    }

    public override void Dispose()
    {
        _routingChanges?.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _client switch
    {
        null => Task.CompletedTask,
        IWatchingDiscoveryClient watching => Task.WhenAll(_firstAnswers.Keys.Select(name => WatchAsync(watching, name, stoppingToken))),
        _ => Task.WhenAll(_firstAnswers.Keys.Select(name => PollAsync(_client, name, stoppingToken))),
    };

    private async Task WatchAsync(IWatchingDiscoveryClient client, string service, CancellationToken stoppingToken)
    {
        await foreach (var answer in client.WatchAsync(service, stoppingToken))
        {
            Take(service, answer);
        }
    }

    private async Task PollAsync(IDiscoveryClient client, string service, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_options.PollInterval, _clock);
        do
        {
            try
            {
                Take(service, [.. await client.GetInstancesAsync(service, stoppingToken)]);
            }
            catch (Exception exception) when (ConsulClient.IsAway(exception))
            {
                Log.NotAnswered(_logger, service, exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Take(string service, IReadOnlyList<IServiceInstance> answer)
    {
        var before = Of(service);
        Publish(known => known.SetItem(service, known[service].After(answer.Select(Reachable))));
        var after = Of(service);
        if (after is { IsLastGood: true } && !before.IsLastGood)
        {
            Log.EmptyAnswer(_logger, service, after.Instances.Length);
        }

        _firstAnswers[service].TrySetResult();
    }

    private ServiceInstance Reachable(IServiceInstance answered)
    {
        var instance = answered as ServiceInstance ?? new ServiceInstance(answered);
        return _options.Via.FirstOrDefault(via => via.InstanceId == instance.InstanceId)?.Address is { } via ? instance with { Uri = via } : instance;
    }

    private void Publish(Func<ImmutableDictionary<string, ServiceList>, ImmutableDictionary<string, ServiceList>> change)
    {
        lock (_gate)
        {
            _known = change(_known);
            Volatile.Write(ref _weighed, Weigh(_known));
        }

        Changed?.Invoke();
    }

    private ImmutableDictionary<string, ServiceList> Weigh(ImmutableDictionary<string, ServiceList> known)
    {
        var weights = _routing.CurrentValue.Weights;
        return known.ToImmutableDictionary(entry => entry.Key, entry => entry.Value with
        {
            Instances = [.. entry.Value.Instances.Select(instance =>
                weights.TryGetValue(instance.InstanceId, out var weight) ? instance with { Weight = weight } : instance)],
        });
    }

    private static ServiceList Configured(IConfiguration configuration, string service, bool isRequired) =>
        isRequired || configuration.GetSection($"{ServiceAddresses.Section}:{service}").GetChildren().Any()
            ? new ServiceList([.. ServiceAddresses.Of(configuration, service)
                .Select(address => new ServiceInstance(service, address.Authority, address, ImmutableDictionary<string, string?>.Empty))])
            : ServiceList.Empty;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The registry says that nobody serves {Service}; the last {Count} replicas stay")]
        public static partial void EmptyAnswer(ILogger logger, string service, int count);

        [LoggerMessage(2, LogLevel.Warning, "The registry did not say who serves {Service}: {Reason}")]
        public static partial void NotAnswered(ILogger logger, string service, string reason);
    }
}
