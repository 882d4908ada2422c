using System.Net;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Locks;

/// <summary>A session of Consul and the key that it holds.</summary>
internal sealed class ConsulLease(ConsulClient consul, string session, string path, TimeSpan timeToLive, TimeProvider clock) : ILease
{
    public string Session => session;

    /// <summary>Consul ends no session sooner than its time to live after a renewal; a hundredth is for clocks that run at another speed.</summary>
    public Validity ValidSince(long since) => new(since, timeToLive * 0.99);

    /// <summary>The session's new validity, also while it still waits for the key; null when Consul has ended it.</summary>
    public async Task<Validity?> RenewAsync(CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        try
        {
            await consul.PutAsync($"session/renew/{session}", cancellationToken);
            return ValidSince(since);
        }
        catch (HttpRequestException exception) when (exception.StatusCode is HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async Task<Validity?> ExtendAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A session outlives a key that somebody took out by hand.
            var validity = await RenewAsync(cancellationToken);
            var key = await consul.GetAsync<ConsulKey[]>($"kv/{path}", cancellationToken);
            return key.Value is [{ Session: { } holder }] && holder == session ? validity : null;
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception))
        {
            throw new LockUnavailableException("Consul does not answer.", exception);
        }
    }

    public async Task ReleaseAsync()
    {
        try
        {
            // The key first: a session that ends with a key of its own leaves it closed for the lock delay.
            await consul.PutAsync($"kv/{path}?release={session}", CancellationToken.None);
            await consul.PutAsync($"session/destroy/{session}", CancellationToken.None);
        }
        catch (Exception exception) when (ConsulClient.IsAway(exception))
        {
            // It ends by itself when nobody renews it.
        }
    }
}
