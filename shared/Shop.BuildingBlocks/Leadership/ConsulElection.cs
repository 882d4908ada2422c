using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Consul;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>Elects a leader for each duty among the processes of a service: who holds the duty's key in Consul leads, once it has begun the next epoch.</summary>
/// <remarks>
/// <para>A leader gives up by its own monotonic time, before its session may have ended; it gives up at once when Consul says that the session or the key is
/// gone, and when its process stops, and then the next one follows at once. A leader that died is followed after the session's time to live, at
/// most twice that, and the lock delay.</para>
/// <para>What it does not guarantee: that nothing of an old leader is still under way. Writes to the database of the duty are fenced by
/// <see cref="LeaderWrites"/>; everything else must be harmless when repeated. The recipe is Consul's own, "Application leader elections with sessions".</para>
/// </remarks>
internal sealed partial class ConsulElection<TContext>(
    ConsulClient consul,
    ConsulKeys keys,
    Leaders leaders,
    EpochFence<TContext> fence,
    IOptions<LeadershipOptions> options,
    IOptions<ConsulDiscoveryOptions> self,
    TimeProvider clock,
    ILogger<ConsulElection<TContext>> logger) : BackgroundService
    where TContext : ShopDbContext
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly LeadershipOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, long> _waitedSince = new();

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(leaders.Duties.Select(duty => Task.Run(() => RunAsync(duty, stoppingToken), stoppingToken)));

    private async Task RunAsync(string duty, CancellationToken stoppingToken)
    {
        var backoff = new Backoff(FirstPause, LongestPause, new Random(Backoff.SeedOf(self.Value.InstanceId + duty)));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await TermAsync(duty, stoppingToken);
                backoff.Reset();
                continue;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Consul or the database is away: nobody leads meanwhile who could not before.
                Log.NotElected(logger, duty, exception.Message);
            }

            await Task.Delay(backoff.Next(), clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One term: wait until nobody leads, lock the key, begin the epoch, lead until it is over.
    private async Task TermAsync(string duty, CancellationToken stoppingToken)
    {
        var key = KeyOf(duty);
        await UntilFreeAsync(duty, key, stoppingToken);
        var session = await ConsulSession.CreateAsync(
            consul, $"{duty} led by {self.Value.InstanceId}", _options.TimeToLive, _options.SafetyMargin, _options.LockDelay, clock, stoppingToken);
        try
        {
            if (!await keys.AcquireAsync(key, session, new LeaderEntry(self.Value.InstanceId, 0, clock.GetUtcNow()), stoppingToken))
            {
                await Task.Delay(FirstPause, clock, stoppingToken); // another one was faster, or the lock delay is not over
                return;
            }

            if (await fence.BeginAsync(duty, self.Value.InstanceId, () => session.IsValid, stoppingToken) is not var (epoch, since))
            {
                return;
            }

            await keys.AcquireAsync(key, session, new LeaderEntry(self.Value.InstanceId, epoch, since), stoppingToken);
            await LeadAsync(duty, key, epoch, since, session, stoppingToken);
        }
        finally
        {
            await GiveUpAsync(duty, key, session);
        }
    }

    private async Task UntilFreeAsync(string duty, string key, CancellationToken stoppingToken)
    {
        if ((await keys.FindAsync(key, stoppingToken))?.Session is not null)
        {
            await foreach (var state in keys.WatchAsync(key, stoppingToken))
            {
                if (state.Value?.SingleOrDefault()?.Session is null)
                {
                    break;
                }
            }
        }

        _waitedSince.TryAdd(duty, clock.GetTimestamp());
    }

    private async Task LeadAsync(string duty, string key, long epoch, DateTimeOffset since, ConsulSession session, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);

        // Ends the lead by monotonic time, whatever the loop below is waiting for.
        await using var deadline = clock.CreateTimer(
            _ =>
            {
                if (!session.IsValid)
                {
                    over.Cancel();
                }
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        SetDeadline();
        var lead = new Lead(duty, epoch, since, () => session.IsValid, over.Token);
        leaders.Begin(lead);
        Log.Leads(logger, duty, epoch, _waitedSince.TryRemove(duty, out var from) ? clock.GetElapsedTime(from) : TimeSpan.Zero);
        try
        {
            while (lead.IsValid)
            {
                await Task.Delay(_options.RenewEvery, clock, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!lead.IsValid)
                {
                    return;
                }

                try
                {
                    if (!await session.RenewAsync(over.Token) || (await keys.FindAsync(key, over.Token))?.Session != session.Id)
                    {
                        Log.Lost(logger, duty, epoch);
                        return;
                    }

                    SetDeadline();
                }
                catch (Exception exception) when (ConsulClient.IsAway(exception))
                {
                    Log.Away(logger, duty, session.Remaining, exception.Message);
                }
                catch (OperationCanceledException) when (over.IsCancellationRequested)
                {
                    // Over: by its time, or because the process stops.
                }
            }
        }
        finally
        {
            leaders.End(duty);
            await over.CancelAsync();
            Log.Over(logger, duty, epoch);
        }

        // A millisecond later than it is over, so that it is over when it fires.
        void SetDeadline() => deadline.Change(TimeSpan.FromMilliseconds(1 + Math.Max(0, session.Remaining.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    // Released first and ended then: what a session holds when it ends is kept from everybody for the lock delay.
    private async Task GiveUpAsync(string duty, string key, ConsulSession session)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), clock);
        try
        {
            await keys.ReleaseAsync(key, session, new LeaderEntry("", 0, clock.GetUtcNow()), patience.Token);
            await session.DestroyAsync(patience.Token);
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception) || exception is OperationCanceledException)
        {
            Log.NotReleased(logger, duty, exception.Message);
        }
    }

    private string KeyOf(string duty) => $"shop/leaders/{self.Value.ServiceName}/{duty}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Leads {Duty} with epoch {Epoch}, {Took} after it was free")]
        public static partial void Leads(ILogger logger, string duty, long epoch, TimeSpan took);

        [LoggerMessage(2, LogLevel.Information, "The lead of {Duty} with epoch {Epoch} is over")]
        public static partial void Over(ILogger logger, string duty, long epoch);

        [LoggerMessage(3, LogLevel.Warning, "The lead of {Duty} with epoch {Epoch} is lost: Consul does not know it any more")]
        public static partial void Lost(ILogger logger, string duty, long epoch);

        [LoggerMessage(4, LogLevel.Warning, "Consul is away; {Duty} is led for {Remaining} more: {Reason}")]
        public static partial void Away(ILogger logger, string duty, TimeSpan remaining, string reason);

        [LoggerMessage(5, LogLevel.Warning, "Nobody could be elected for {Duty} here; again soon: {Reason}")]
        public static partial void NotElected(ILogger logger, string duty, string reason);

        [LoggerMessage(6, LogLevel.Warning, "The key of {Duty} stays locked until its session ends: {Reason}")]
        public static partial void NotReleased(ILogger logger, string duty, string reason);
    }
}
