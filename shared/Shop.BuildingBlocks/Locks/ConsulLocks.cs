using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Consul;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Locks that a session of Consul holds on a key, as https://developer.hashicorp.com/consul/docs/dynamic-app-config/sessions describes it.</summary>
/// <remarks>
/// The servers agree by Raft, so no minority grants anything. A session ends one to two times its time to live after its last renewal; after an end without
/// a release the key stays closed for <see cref="LockOptions.LockDelay"/>. A key that was used stays, empty.
/// </remarks>
internal sealed class ConsulLocks(ConsulClient consul, IOptions<LockOptions> options, TimeProvider clock, ILogger<ConsulLocks> logger) : ILocks
{
    // For clocks that run at another speed.
    private const double SafetyShare = 0.01;

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private readonly LockOptions _options = options.Value;
    private readonly ConsulKeys _keys = new(consul);
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue)); // each process another one

    public async Task<ILockHandle?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken)
    {
        var key = string.Join('/', _options.KeyOf(resource).Split('/').Select(Uri.EscapeDataString));
        ConsulLease? lease = null;
        ILockHandle? held = null;
        var started = clock.GetTimestamp();
        try
        {
            // Not cancelled: a session whose id nobody heard would stay for its time to live.
            var session = await ConsulSession.CreateAsync(
                consul, resource, _options.TimeToLive, _options.TimeToLive * SafetyShare, _options.LockDelay, clock, CancellationToken.None);
            lease = new ConsulLease(_keys, session, key, clock);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await lease.AcquireAsync() && !cancellationToken.IsCancellationRequested)
                {
                    return held = new LeasedLock(resource, lease, lease.Validity, _options, clock, logger);
                }

                if (clock.GetElapsedTime(started) >= patience)
                {
                    return null;
                }

                await WaitAsync(key, patience - clock.GetElapsedTime(started), cancellationToken);
                if (!await lease.RenewAsync(cancellationToken))
                {
                    throw new LockUnavailableException("Consul ended the session while it waited.");
                }
            }
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception))
        {
            throw new LockUnavailableException("Consul does not answer.", exception);
        }
        finally
        {
            if (held is null && lease is not null)
            {
                await lease.ReleaseAsync();
            }
        }
    }

    // Until the key changes, or for a moment: a lock delay ends without a change. All who wait hear of it at once, and come back one by one.
    private async Task WaitAsync(string key, TimeSpan patience, CancellationToken cancellationToken)
    {
        var now = await consul.GetAsync<ConsulKey[]>($"kv/{key}", cancellationToken);
        if (now.Value is [{ Session: not null }])
        {
            var look = patience < LongestLook ? patience : LongestLook;
            var wait = string.Create(CultureInfo.InvariantCulture, $"index={now.Index}&wait={Math.Max(1, (long)look.TotalMilliseconds)}ms");
            await consul.GetAsync<ConsulKey[]>($"kv/{key}?{wait}", cancellationToken);
        }

        double part;
        lock (_random)
        {
            part = 1 - _random.NextDouble();
        }

        await Task.Delay(_options.RetryDelay * part, clock, cancellationToken);
    }
}
