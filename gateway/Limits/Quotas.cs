using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.Gateway.Sessions;

namespace Shop.Gateway.Limits;

/// <summary>The quotas, and who is counted against which; counted together with the other gateways where there is a Redis.</summary>
internal sealed class Quotas(IOptions<LimitOptions> options, TimeProvider time, RedisConnection? redis = null) : IDisposable
{
    private const int MaxNameLength = 64;

    private readonly Quota _sessions = Create("session", options.Value.Session, time, redis);
    private readonly Quota _anonymous = Create("anonymous", options.Value.Anonymous, time, redis);
    private readonly Quota _loginNames = Create("login-name", options.Value.LoginName, time, redis);
    private readonly Quota _loginAddresses = Create("login-address", options.Value.LoginAddress, time, redis);

    public ValueTask<IResult?> TakeForRequestAsync(HttpContext context) => CurrentSession.Of(context) is { } session
        ? _sessions.TakeAsync(context, session.Key.Value)
        : _anonymous.TakeAsync(context, ClientAddress.Of(context));

    /// <summary>For logins and registrations: per address against many names from one machine, per name against many machines.</summary>
    public async ValueTask<IResult?> TakeForLoginAsync(HttpContext context, string name) =>
        await _loginAddresses.TakeAsync(context, ClientAddress.Of(context)) ?? await _loginNames.TakeAsync(context, Partition(name));

    public void Dispose()
    {
        _sessions.Dispose();
        _anonymous.Dispose();
        _loginNames.Dispose();
        _loginAddresses.Dispose();
    }

    private static Quota Create(string name, QuotaOptions options, TimeProvider time, RedisConnection? redis)
    {
        var local = new LocalPermits(options);
        return new Quota(name, options, redis is null ? local : new SharedPermits(name, options, local, redis, time));
    }

    // No customer has a longer name; the rest of one makes no difference, and must not fill the memory.
    private static string Partition(string name) => (name.Length > MaxNameLength ? name[..MaxNameLength] : name).ToUpperInvariant();
}
