using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Consul;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Leases this process's worker id in Consul, keeps it, and leases another one when it was lost.</summary>
/// <remarks>
/// <para>Each worker id is a key, locked with this process's session; its value is the end of the time for which ids may be made, stored before they
/// are. Whoever has the id next begins at that end, so a clock that went back over a restart makes no id twice: the next start takes an id whose
/// time is past, or one that was never used, and only where there is none of either does it wait for its clock.</para>
/// <para>What it does not survive: a Consul that loses its data while processes hold leases. Until each has noticed, at its next renewal, a newcomer can be
/// given the id of one that is still at work.</para>
/// </remarks>
internal sealed partial class WorkerIdLease(
    ConsulClient consul,
    ConsulKeys keys,
    SnowflakeIdGenerator generator,
    IOptions<WorkerLeaseOptions> options,
    IOptions<ConsulDiscoveryOptions> self,
    TimeProvider clock,
    ILogger<WorkerIdLease> logger) : BackgroundService
{
    internal const string Prefix = "shop/ids/workers/";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly WorkerLeaseOptions _options = options.Value;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Holding? _holding;
    private bool _exhausted;

    /// <summary>Why there is no id; null when there is one.</summary>
    public string? Obstacle => generator.Obstacle is { } obstacle
        ? _exhausted ? $"All worker ids from {_options.FirstWorker} to {_options.LastWorker} are leased to other processes." : obstacle
        : null;

    /// <summary>Waits for the first lease, but not for ever.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await Task.WhenAny(_first.Task, Task.Delay(_options.StartWait, clock, cancellationToken));
    }

    /// <summary>Gives the id back, with the time until which it was really used: it is free at once.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var until = generator.Revoke();
        if (_holding is not { } held)
        {
            return;
        }

        try
        {
            await keys.ReleaseAsync(held.Key, held.Session, Entry(Math.Max(until, held.Grant.From)), cancellationToken);
            await held.Session.DestroyAsync(cancellationToken);
            Log.Released(logger, held.Grant.Worker);
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception) || exception is OperationCanceledException)
        {
            Log.NotReleased(logger, held.Grant.Worker, exception.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(FirstPause, LongestPause, new Random(Backoff.SeedOf(self.Value.InstanceId)));
        var away = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _options.RenewEvery;
            try
            {
                if (await KeepAsync(stoppingToken) || await LeaseAsync(stoppingToken))
                {
                    _first.TrySetResult();
                    backoff.Reset();
                }
                else
                {
                    pause = backoff.Next();
                }

                away = false;
            }
            catch (Exception exception) when (ConsulClient.IsAway(exception))
            {
                if (!away)
                {
                    Log.Away(logger, _holding?.Session.Remaining ?? TimeSpan.Zero, exception.Message);
                }

                (away, pause) = (true, backoff.Next());
            }

            await WaitAsync(pause, stoppingToken);
        }
    }

    // In small steps, so that a clock that jumped forward is noticed soon: until then no id can be made.
    private async Task WaitAsync(TimeSpan pause, CancellationToken stoppingToken)
    {
        for (var waited = TimeSpan.Zero; waited < pause && !stoppingToken.IsCancellationRequested; waited += FirstPause)
        {
            await Task.Delay(FirstPause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_holding is { Grant: var grant } && generator.MillisecondsSinceEpoch() >= grant.Until)
            {
                return;
            }
        }
    }

    /// <returns>False when there is nothing to keep any more.</returns>
    private async Task<bool> KeepAsync(CancellationToken cancellationToken)
    {
        if (_holding is not { } held)
        {
            return false;
        }

        // Never less than before: what was stored may have been used.
        var until = Math.Max(held.Grant.Until, End());
        if (await held.Session.RenewAsync(cancellationToken) && await keys.AcquireAsync(held.Key, held.Session, Entry(until), cancellationToken))
        {
            held.Grant.Extend(until);
            return true;
        }

        generator.Revoke();
        _holding = null;
        Log.Lost(logger, held.Grant.Worker);
        return false;
    }

    private async Task<bool> LeaseAsync(CancellationToken cancellationToken)
    {
        var session = await ConsulSession.CreateAsync(
            consul, $"worker id of {self.Value.InstanceId}", _options.TimeToLive, _options.SafetyMargin, TimeSpan.FromSeconds(1), clock, cancellationToken);
        try
        {
            // Many start at once and all want the first free one: whoever was slower goes on to the next.
            var candidates = Candidates(await keys.ListAsync(Prefix, cancellationToken));
            foreach (var (worker, seen) in candidates)
            {
                var from = seen?.ValueAs<WorkerEntry>()?.Until ?? 0;
                var until = Math.Max(from, End());
                if (await keys.AcquireUnchangedAsync(KeyOf(worker), seen, session, Entry(until), cancellationToken))
                {
                    var grant = new WorkerGrant(worker, from, until, () => session.IsValid);
                    _holding = new Holding(KeyOf(worker), session, grant);
                    generator.Grant(grant);
                    _exhausted = false;
                    Log.Leased(logger, worker);
                    return true;
                }
            }

            if (!_exhausted && candidates.Count == 0)
            {
                _exhausted = true;
                Log.Exhausted(logger, _options.FirstWorker, _options.LastWorker);
            }

            return false;
        }
        finally
        {
            if (_holding is null)
            {
                await session.DestroyAsync(cancellationToken);
            }
        }
    }

    // First those whose time is past, then those never used, then those that this process's clock has not reached yet.
    private List<(int Worker, ConsulKey? Seen)> Candidates(IReadOnlyList<ConsulKey> known)
    {
        var byKey = known.ToDictionary(key => key.Key);
        var now = generator.MillisecondsSinceEpoch();
        return
        [
            .. Enumerable.Range(_options.FirstWorker, _options.LastWorker - _options.FirstWorker + 1)
                .Select(worker => (Worker: worker, Seen: byKey.GetValueOrDefault(KeyOf(worker))))
                .Where(candidate => candidate.Seen?.Session is null)
                .OrderBy(candidate => Wait(candidate.Seen)),
        ];

        long Wait(ConsulKey? seen) => seen is null ? 1 : Math.Max(0, (seen.ValueAs<WorkerEntry>()?.Until ?? 0) - now) is > 0 and var wait ? wait + 1 : 0;
    }

    private static string KeyOf(int worker) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{worker:D4}");

    private long End() => generator.MillisecondsSinceEpoch() + (long)_options.TimeToLive.TotalMilliseconds;

    private WorkerEntry Entry(long until) => new(self.Value.InstanceId, until);

    private sealed record Holding(string Key, ConsulSession Session, WorkerGrant Grant);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Ids are made as worker {Worker}")]
        public static partial void Leased(ILogger logger, int worker);

        [LoggerMessage(2, LogLevel.Warning, "The lease of worker id {Worker} is lost; another one is leased")]
        public static partial void Lost(ILogger logger, int worker);

        [LoggerMessage(3, LogLevel.Error, "No ids can be made: all worker ids from {First} to {Last} are leased to other processes")]
        public static partial void Exhausted(ILogger logger, int first, int last);

        [LoggerMessage(4, LogLevel.Warning, "Consul is away; ids are made for {Remaining} more: {Reason}")]
        public static partial void Away(ILogger logger, TimeSpan remaining, string reason);

        [LoggerMessage(5, LogLevel.Information, "Worker id {Worker} is given back")]
        public static partial void Released(ILogger logger, int worker);

        [LoggerMessage(6, LogLevel.Warning, "Worker id {Worker} stays leased until its time is over: {Reason}")]
        public static partial void NotReleased(ILogger logger, int worker, string reason);
    }
}
