using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.Gateway.Sessions;

namespace Shop.Gateway.Limits;

/// <summary>The quotas, and who is counted against which; counted together with the other gateways where there is a Redis.</summary>
/// <remarks>When a quota is changed, everybody starts with a full window of the new one.</remarks>
internal sealed class Quotas : IDisposable
{
    private const int MaxNameLength = 64;

    private readonly IDisposable? _watching;
    private volatile Set _current;

    public Quotas(IOptionsMonitor<LimitOptions> options, TimeProvider time, RedisConnection? redis = null)
    {
        _current = new Set(options.CurrentValue, time, redis);

        // The old ones are left to the collector: a request may be at them still.
        _watching = options.OnChange(changed => _current = new Set(changed, time, redis));
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

    // No customer has a longer name; the rest of one makes no difference, and must not fill the memory.
    private static string Partition(string name) => (name.Length > MaxNameLength ? name[..MaxNameLength] : name).ToUpperInvariant();

    /// <summary>The quotas of one snapshot of the options.</summary>
    private sealed class Set(LimitOptions limits, TimeProvider time, RedisConnection? redis) : IDisposable
    {
        public Quota Sessions { get; } = Create("session", limits.Session, time, redis);

        public Quota Anonymous { get; } = Create("anonymous", limits.Anonymous, time, redis);

        public Quota LoginNames { get; } = Create("login-name", limits.LoginName, time, redis);

        public Quota LoginAddresses { get; } = Create("login-address", limits.LoginAddress, time, redis);

        public void Dispose()
        {
            Sessions.Dispose();
            Anonymous.Dispose();
            LoginNames.Dispose();
            LoginAddresses.Dispose();
        }

        private static Quota Create(string name, QuotaOptions options, TimeProvider time, RedisConnection? redis)
        {
            var local = new LocalPermits(options);
            return new Quota(name, options, redis is null ? local : new SharedPermits(name, options, local, redis, time));
        }
    }
}
