using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.Gateway.Sessions;

namespace Shop.Gateway.Limits;

/// <summary>The quotas, and who is counted against which; counted together with the other gateways where there is a Redis.</summary>
/// <remarks>When a quota is changed, everybody starts with a full window of the new one; other changes of the configuration leave it alone.</remarks>
internal sealed class Quotas : IDisposable
{
    private const int MaxNameLength = 64;

    // A request may be at an old quota still, for as long as Redis may take to answer. Nobody else would end it: its timer keeps it alive.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly RedisConnection? _redis;
    private readonly IDisposable? _watching;
    private volatile Set _current;

    public Quotas(IOptionsMonitor<LimitOptions> options, TimeProvider time, RedisConnection? redis = null)
    {
        (_time, _redis) = (time, redis);
        _current = new Set(options.CurrentValue, time, redis);
        _watching = options.OnChange(Change);
    }

    public ValueTask<IResult?> TakeForRequestAsync(HttpContext context) => CurrentSession.Of(context) is { } session
        ? _current.Sessions.TakeAsync(context, session.Key.Value)
        : _current.Anonymous.TakeAsync(context, ClientAddress.Of(context));

    /// <summary>For logins and registrations: per address against many names from one machine, per name against many machines.</summary>
    public async ValueTask<IResult?> TakeForLoginAsync(HttpContext context, string name)
    {
        var quotas = _current;
        return await quotas.LoginAddresses.TakeAsync(context, ClientAddress.Of(context)) ?? await quotas.LoginNames.TakeAsync(context, Partition(name));
    }

    public void Dispose()
    {
        _watching?.Dispose();
        _current.Dispose();
    }

    // Told of any change of the configuration, whether the quotas are part of it or not.
    private void Change(LimitOptions changed)
    {
        var old = _current;
        if (!old.Is(changed))
        {
            _current = new Set(changed, _time, _redis);
            _ = EndLaterAsync(old);
        }
    }

    private async Task EndLaterAsync(Set old)
    {
        await Task.Delay(Grace, _time);
        old.Dispose();
    }

    // No customer has a longer name; the rest of one makes no difference, and must not fill the memory.
    private static string Partition(string name) => (name.Length > MaxNameLength ? name[..MaxNameLength] : name).ToUpperInvariant();

    /// <summary>The quotas of one snapshot of the options.</summary>
    private sealed class Set : IDisposable
    {
        private readonly IReadOnlyList<(int, TimeSpan)> _limits;

        public Set(LimitOptions limits, TimeProvider time, RedisConnection? redis)
        {
            _limits = LimitsOf(limits);
            Sessions = Create("session", limits.Session);
            Anonymous = Create("anonymous", limits.Anonymous);
            LoginNames = Create("login-name", limits.LoginName);
            LoginAddresses = Create("login-address", limits.LoginAddress);

            Quota Create(string name, QuotaOptions options)
            {
                var local = new LocalPermits(options);
                return new Quota(name, options, redis is null ? local : new SharedPermits(name, options, local, redis, time));
            }
        }

        public Quota Sessions { get; }

        public Quota Anonymous { get; }

        public Quota LoginNames { get; }

        public Quota LoginAddresses { get; }

        public bool Is(LimitOptions limits) => _limits.SequenceEqual(LimitsOf(limits));

        public void Dispose()
        {
            Sessions.Dispose();
            Anonymous.Dispose();
            LoginNames.Dispose();
            LoginAddresses.Dispose();
        }

        private static IReadOnlyList<(int, TimeSpan)> LimitsOf(LimitOptions limits) =>
            [.. new[] { limits.Session, limits.Anonymous, limits.LoginName, limits.LoginAddress }.Select(quota => (quota.Permits, quota.Window))];
    }
}
