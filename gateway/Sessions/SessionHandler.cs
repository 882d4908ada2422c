using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.BuildingBlocks.Sessions;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions;

/// <summary>Finds the session of a request by its bearer token or, without one, by its cookie.</summary>
internal sealed class SessionHandler(
    ISessionStore sessions, IOptions<ShopSessionOptions> sessionOptions, TimeProvider time,
    IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder)
    : ProblemChallengeHandler<AuthenticationSchemeOptions>(options, encoder)
{
    public const string SchemeName = "Session";

    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var (token, fromCookie) = TokenOf(Request);
        if (SessionKey.Of(token) is not { } key)
        {
            return AuthenticateResult.NoResult();
        }

        try
        {
            return await FindAsync(key) is { } session ? Success(new CurrentSession(key, session, fromCookie)) : AuthenticateResult.NoResult();
        }
        catch (RedisUnavailableException exception)
        {
            // Not the end of the request: the routes that need no session go on.
            UnknownSession.Set(Context);
            return AuthenticateResult.Fail(exception);
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) =>
        UnknownSession.Is(Context) ? Problems.Unavailable().ExecuteAsync(Context) : base.HandleChallengeAsync(properties);

    private async ValueTask<Session?> FindAsync(SessionKey key)
    {
        var session = await sessions.FindAsync(key, Context.RequestAborted);
        return session is not null && session.IsDueToSlide(sessionOptions.Value, time.GetUtcNow())
            ? await sessions.TouchAsync(key, Context.RequestAborted)
            : session;
    }

    private AuthenticateResult Success(CurrentSession current)
    {
        Context.Features.Set(current);
        return AuthenticateResult.Success(new AuthenticationTicket(current.Customer.ToPrincipal(SchemeName), SchemeName));
    }

    // A bearer token wins even when it is wrong: who sends one means that session and no other.
    private static (string? Token, bool FromCookie) TokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 0 } header
            ? (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null, false)
            : (request.Cookies[SessionCookie.Name], true);
}
