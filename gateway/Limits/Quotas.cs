using Microsoft.Extensions.Options;
using Shop.Gateway.Sessions;

namespace Shop.Gateway.Limits;

/// <summary>The quotas of this process, and who is counted against which.</summary>
internal sealed class Quotas(IOptionsMonitor<LimitOptions> options) : IDisposable
{
    private const int MaxNameLength = 64;

    private readonly Quota _sessions = new("session", () => options.CurrentValue.Session);
    private readonly Quota _anonymous = new("anonymous", () => options.CurrentValue.Anonymous);
    private readonly Quota _loginNames = new("login-name", () => options.CurrentValue.LoginName);
    private readonly Quota _loginAddresses = new("login-address", () => options.CurrentValue.LoginAddress);

    public IResult? TakeForRequest(HttpContext context) => CurrentSession.Of(context) is { } session
        ? _sessions.Take(context, session.Key.Value)
        : _anonymous.Take(context, ClientAddress.Of(context));

    /// <summary>For logins and registrations: per address against many names from one machine, per name against many machines.</summary>
    public IResult? TakeForLogin(HttpContext context, string name) =>
        _loginAddresses.Take(context, ClientAddress.Of(context)) ?? _loginNames.Take(context, Partition(name));

    public void Dispose()
    {
        _sessions.Dispose();
        _anonymous.Dispose();
        _loginNames.Dispose();
        _loginAddresses.Dispose();
    }

    // No customer has a longer name; the rest of one makes no difference, and must not fill the memory.
    private static string Partition(string name) => (name.Length > MaxNameLength ? name[..MaxNameLength] : name).ToUpperInvariant();
}
