using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Locks that a session of Consul holds on a key, as https://developer.hashicorp.com/consul/docs/dynamic-app-config/sessions describes it.</summary>
/// <remarks>
/// The servers agree by Raft, so no minority grants anything. A session ends one to two times its time to live after its last renewal, and with the health of
/// the agent it was made at. After an end without a release the key stays closed for <see cref="LockOptions.LockDelay"/>. A key that was used stays, empty.
/// </remarks>
internal sealed class ConsulLocks(ConsulClient consul, IOptions<LockOptions> options, TimeProvider clock, ILogger<ConsulLocks> logger) : ILocks
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private readonly LockOptions _options = options.Value;
    private readonly Random _random = new(RandomNumberGenerator.GetInt32(int.MaxValue)); // each process another one

    public async Task<ILockHandle?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken)
    {
        var path = string.Join('/', _options.KeyOf(resource).Split('/').Select(Uri.EscapeDataString));
        ConsulLease? lease = null;
        ILockHandle? held = null;
        var started = clock.GetTimestamp();
        try
        {
            var since = clock.GetTimestamp();
            lease = new ConsulLease(consul, await CreateSessionAsync(resource), path, _options.TimeToLive, clock);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await consul.PutForAsync<bool>($"kv/{path}?acquire={lease.Session}", CancellationToken.None) && !cancellationToken.IsCancellationRequested)
                {
                    return held = new LeasedLock(resource, lease, lease.ValidSince(since), _options, clock, logger);
                }

                if (clock.GetElapsedTime(started) >= patience)
                {
                    return null;
                }

                await WaitAsync(path, patience - clock.GetElapsedTime(started), cancellationToken);
                if (await lease.RenewAsync(cancellationToken) is not { } validity)
                {
                    throw new LockUnavailableException("Consul ended the session while it waited.");
                }

                since = validity.Since;
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

    // Bound to this process by its renewals alone would be enough; Consul adds the health of the agent that it was made at.
    private async Task<string> CreateSessionAsync(string resource)
    {
        var session = await consul.PutForAsync<ConsulSession>(
            "session/create",
            new
            {
                Name = resource,
                TTL = string.Create(CultureInfo.InvariantCulture, $"{_options.TimeToLive.TotalSeconds:0}s"),
                LockDelay = string.Create(CultureInfo.InvariantCulture, $"{(long)_options.LockDelay.TotalMilliseconds}ms"),
                Behavior = "release",
            },
            CancellationToken.None); // a session whose id nobody heard would stay for its time to live
        return session.ID;
    }

    // Until the key changes, or for a moment: a lock delay ends without a change. All who wait hear of it at once, and come back one by one.
    private async Task WaitAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        var now = await consul.GetAsync<ConsulKey[]>($"kv/{path}", cancellationToken);
        if (now.Value is [{ Session: not null }])
        {
            var look = patience < LongestLook ? patience : LongestLook;
            var wait = string.Create(CultureInfo.InvariantCulture, $"index={now.Index}&wait={Math.Max(1, (long)look.TotalMilliseconds)}ms");
            await consul.GetAsync<ConsulKey[]>($"kv/{path}?{wait}", cancellationToken);
        }

        double part;
        lock (_random)
        {
            part = 1 - _random.NextDouble();
        }

        await Task.Delay(_options.RetryDelay * part, clock, cancellationToken);
    }

    private sealed record ConsulSession(string ID);
}
