using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>Keeps the configuration of this process in step with Consul's KV store, one validated snapshot after the other.</summary>
/// <remarks>
/// A snapshot with one bad value is refused whole, and the old one stays in force. Options classes see the new values one after the other: two
/// sections that are read together may for an instant be of two snapshots. Replicas apply a change within a round trip of each other, not at once.
/// </remarks>
internal sealed partial class KvWatcher(
    ConsulClient consul,
    KvLayers layers,
    LiveSettings live,
    KvConfigurationProvider provider,
    IConfiguration configuration,
    IOptions<KvOptions> options,
    TimeProvider clock,
    ILogger<KvWatcher> logger) : IHostedLifecycleService, IDisposable
{
    private readonly SnapshotFile _file = new(options.Value.SnapshotPath, logger);
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task _watch = Task.CompletedTask;
    private KvState _state = KvState.None;

    public KvState State => Volatile.Read(ref _state);

    /// <summary>Before anything else starts, so that who reads a setting only once reads the right one.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _watch = WatchAsync(_stopping.Token);
        await Task.WhenAny(_firstAnswer.Task, Task.Delay(options.Value.StartWait, clock, cancellationToken));
        if (State.Origin is KvOrigin.None && _file.Load(live.IsAllowed) is { } kept)
        {
            Take(kept, KvOrigin.File);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Applies a snapshot if all of it is good.</summary>
    internal void Take(KvSnapshot snapshot, KvOrigin origin)
    {
        lock (_gate)
        {
            if (origin is KvOrigin.File && _state.Origin is not KvOrigin.None)
            {
                return; // Consul was slow, but not that slow
            }

            if (origin is KvOrigin.Consul && _state.Origin is KvOrigin.Consul && snapshot.Settings.SequenceEqual(_state.Snapshot.Settings))
            {
                // Where no setting is stored, Consul answers at each write of any other key: nobody has to read his settings again for that.
                Volatile.Write(ref _state, _state.Applied(snapshot, origin, clock.GetUtcNow()));
                return;
            }

            var reasons = live.Check(Below(), snapshot);
            if (reasons.IsEmpty)
            {
                reasons = Apply_NeedsLock(snapshot);
            }

            if (!reasons.IsEmpty)
            {
                Log.Rejected(logger, snapshot.Version, string.Join(" ", reasons));
                Volatile.Write(ref _state, _state with { Rejected = new KvRejection(snapshot.Version, clock.GetUtcNow(), reasons) });
                return;
            }

            Volatile.Write(ref _state, _state.Applied(snapshot, origin, clock.GetUtcNow()));
            Log.Applied(logger, snapshot.Version, origin, snapshot.Settings.Count);
            if (origin is KvOrigin.Consul)
            {
                _file.Save(snapshot);
            }
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        await foreach (var answer in consul.WatchAsync<KvPair[]>(layers.Query, stoppingToken))
        {
            var snapshot = layers.Merge(answer.Index, answer.Value ?? [], live.IsAllowed);
            if (!snapshot.Ignored.IsEmpty && !snapshot.Ignored.SetEquals(State.Snapshot.Ignored))
            {
                Log.Ignored(logger, string.Join(", ", snapshot.Ignored));
            }

            if (HasLostItsData(snapshot))
            {
                Log.Lost(logger, snapshot.Version);
            }
            else
            {
                Take(snapshot, KvOrigin.Consul);
            }

            _firstAnswer.TrySetResult();
        }
    }

    // A store that is empty and younger than what it once said was not emptied by an operator: that would have made its index rise.
    private bool HasLostItsData(KvSnapshot snapshot)
    {
        var last = State.Origin is KvOrigin.None ? _file.Load(live.IsAllowed) ?? KvSnapshot.Empty : State.Snapshot;
        return snapshot.Settings.IsEmpty && !last.Settings.IsEmpty && snapshot.Version < last.Version;
    }

    private ImmutableArray<string> Apply_NeedsLock(KvSnapshot snapshot)
    {
        try
        {
            provider.Apply(snapshot);
            return [];
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Somebody who listens could not take what the schema let pass: back to what everybody could take.
            provider.Apply(_state.Snapshot);
            return [exception.GetBaseException().Message];
        }
    }

    private IConfigurationRoot Below() => new ConfigurationBuilder()
        .AddInMemoryCollection(ConfigurationSources.Flatten(((IConfigurationRoot)configuration).Providers.Where(source => source != provider))
            .Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value.Value)))
        .Build();

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Settings of version {Version} from {Origin} are in force, {Count} of them")]
        public static partial void Applied(ILogger logger, ulong version, KvOrigin origin, int count);

        [LoggerMessage(2, LogLevel.Error, "Settings of version {Version} are refused, the old ones stay: {Reasons}")]
        public static partial void Rejected(ILogger logger, ulong version, string reasons);

        [LoggerMessage(3, LogLevel.Warning, "Settings that may not come from the store, or that nobody knows, are ignored: {Keys}")]
        public static partial void Ignored(ILogger logger, string keys);

        [LoggerMessage(4, LogLevel.Warning, "The store is empty at version {Version}, which is older than what it said before; the old settings stay")]
        public static partial void Lost(ILogger logger, ulong version);
    }
}
