using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
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
        if (SessionKey.Of(token) is not { } key || await sessions.FindAsync(key, Context.RequestAborted) is not { } session)
        {
            return AuthenticateResult.NoResult();
        }

        if (session.IsDueToSlide(sessionOptions.Value, time.GetUtcNow()))
        {
            session = await sessions.TouchAsync(key, Context.RequestAborted) ?? session;
        }

        var current = new CurrentSession(key, session, fromCookie);
        Context.Features.Set(current);
        return AuthenticateResult.Success(new AuthenticationTicket(current.Customer.ToPrincipal(SchemeName), SchemeName));
    }

    // A bearer token wins even when it is wrong: who sends one means that session and no other.
    private static (string? Token, bool FromCookie) TokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { Length: > 0 } header
            ? (header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null, false)
            : (request.Cookies[SessionCookie.Name], true);
}
