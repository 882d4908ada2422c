using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Consul;

/// <summary>A session of this process in Consul, which keys are locked with, and until when it certainly stands.</summary>
/// <remarks>
/// Consul counts the time to live from when it handled the last renewal, which is never before the renewal was sent: this side counts from the
/// sending, by monotonic time, and stops a safety margin earlier. So <see cref="IsValid"/> turns false before anybody else can get what the session
/// holds, whether Consul can be reached or not. What it does not guarantee: that nothing happens between a look at <see cref="IsValid"/> and the act
/// that follows, because a process can be paused there; and nothing where the machine's monotonic clock stands still, as in a suspended machine.
/// Whoever needs more takes a fence to the place that he writes to. After Gray and Cheriton, Leases (1989).
/// </remarks>
public sealed class ConsulSession
{
    private readonly ConsulClient _consul;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _lifetime;
    private long _sentAt;

    private ConsulSession(ConsulClient consul, TimeProvider clock, TimeSpan lifetime, string id, long sentAt)
    {
        (_consul, _clock, _lifetime, Id, _sentAt) = (consul, clock, lifetime, id, sentAt);
    }

    public string Id { get; }

    /// <summary>How long it stands for certain; negative when it may be gone.</summary>
    public TimeSpan Remaining => _lifetime - _clock.GetElapsedTime(Volatile.Read(ref _sentAt));

    /// <summary>Nobody else can have what it holds.</summary>
    public bool IsValid => Remaining > TimeSpan.Zero;

    /// <summary>Makes a session that ends by its time alone, not with the health of the agent's node: that could be sooner than this process believes.</summary>
    /// <param name="consul">The agent.</param>
    /// <param name="name">For people.</param>
    /// <param name="timeToLive">10 s to 24 h; Consul lets up to twice as much pass before it gives a session up.</param>
    /// <param name="safetyMargin">How much earlier this side gives it up.</param>
    /// <param name="lockDelay">How long Consul keeps everybody from what a lost session held.</param>
    /// <param name="clock">Its monotonic time counts.</param>
    /// <param name="cancellationToken">A session that was made all the same ends by itself.</param>
    /// <exception cref="HttpRequestException">Consul is away or refuses.</exception>
    public static async Task<ConsulSession> CreateAsync(
        ConsulClient consul,
        string name,
        TimeSpan timeToLive,
        TimeSpan safetyMargin,
        TimeSpan lockDelay,
        TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var sentAt = clock.GetTimestamp();
        var wanted = new Definition(name, Milliseconds(timeToLive), "release", Milliseconds(lockDelay), [], []);
        var created = await consul.PutForAsync<Created>("session/create", wanted, cancellationToken);
        return new ConsulSession(consul, clock, timeToLive - safetyMargin, created.Id, sentAt);
    }

    /// <returns>False when Consul does not know it any more: what it held may be somebody else's.</returns>
    /// <exception cref="HttpRequestException">Consul is away: nothing is known.</exception>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var sentAt = _clock.GetTimestamp();
        try
        {
            await _consul.PutAsync($"session/renew/{Id}", cancellationToken);
        }
        catch (HttpRequestException exception) when (exception.StatusCode is HttpStatusCode.NotFound)
        {
            return false;
        }

        Volatile.Write(ref _sentAt, sentAt);
        return true;
    }

    /// <summary>Ends it. What it still holds is free after the lock delay; what is released first is free at once.</summary>
    public Task DestroyAsync(CancellationToken cancellationToken) => _consul.PutAsync($"session/destroy/{Id}", cancellationToken);

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms");

    private sealed record Definition(
        string Name,
        [property: JsonPropertyName("TTL")] string TimeToLive,
        string Behavior,
        string LockDelay,
        string[] Checks,
        string[] NodeChecks);

    private sealed record Created([property: JsonPropertyName("ID")] string Id);
}
