using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Sessions;
using Shop.Contracts.Internal;
using Shop.Gateway.Customers;
using Shop.Gateway.Limits;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions;

internal sealed record LogIn(string Name, string Password);

internal sealed record LoggedIn(string CustomerId, string Name, string Token, DateTimeOffset ExpiresAt);

internal sealed record SessionInfo(string CustomerId, string Name, DateTimeOffset ExpiresAt);

internal static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/").WithTags("Session");
        group.MapPost("/session", LogInAsync)
            .WithName("logIn")
            .WithSummary("Log in: a new session, as a cookie and as a bearer token")
            .Produces<LoggedIn>(StatusCodes.Status201Created)
            .Sends(StatusCodes.Status201Created, "Set-Cookie", "The session as the cookie shop.sid: HttpOnly, SameSite=Lax, Secure on https.")
            .Refuses(ProblemCatalogue.BadCredentials);

        var own = group.MapGroup("/").RequireCustomer();
        own.MapGet("/session", Get).WithName("getSession").WithSummary("Who is logged in, and until when");
        own.MapDelete("/session", LogOutAsync).WithName("logOut").WithSummary("Log out").Produces(StatusCodes.Status204NoContent);
        own.MapDelete("/sessions", LogOutEverywhereAsync).WithName("logOutEverywhere").WithSummary("Log out everywhere").Produces(StatusCodes.Status204NoContent);
    }

    // Always a new id: a session that somebody else has put into the browser before never becomes a logged-in one.
    internal static async Task<IResult> LogInAsync(
        LogIn request, HttpContext context, Quotas quotas, PaymentsClient payments, ISessionStore sessions,
        IOptions<ShopSessionOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await quotas.TakeForLoginAsync(context, request.Name) is { } refusal)
        {
            return refusal;
        }

        using var response = await payments.LogInAsync(new Credentials(request.Name, request.Password), cancellationToken);
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            return response.StatusCode is HttpStatusCode.Unauthorized ? Problems.BadCredentials() : await payments.RefusalAsync(response, cancellationToken);
        }

        var customer = await payments.CustomerAsync(response, cancellationToken);
        if (CurrentSession.Of(context) is { FromCookie: true } previous)
        {
            await sessions.DeleteAsync(previous.Key, cancellationToken);
        }

        var (token, key) = SessionKey.New();
        var session = Session.Start(customer.Id, customer.Name, options.Value, time.GetUtcNow());
        await sessions.CreateAsync(key, session, cancellationToken);
        SessionCookie.Set(context, token, options.Value.AbsoluteTimeout);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new LoggedIn(IdOf(session), session.CustomerName, token, session.ExpiresAt));
    }

    internal static Ok<SessionInfo> Get(CurrentSession current) =>
        TypedResults.Ok(new SessionInfo(IdOf(current.Session), current.Session.CustomerName, current.Session.ExpiresAt));

    internal static async Task<IResult> LogOutAsync(
        CurrentSession current, HttpContext context, ISessionStore sessions, CancellationToken cancellationToken)
    {
        await sessions.DeleteAsync(current.Key, cancellationToken);
        SessionCookie.Clear(context);
        return TypedResults.NoContent();
    }

    internal static async Task<IResult> LogOutEverywhereAsync(
        CurrentSession current, HttpContext context, ISessionStore sessions, CancellationToken cancellationToken)
    {
        await sessions.DeleteAllAsync(current.Session.CustomerId, cancellationToken);
        SessionCookie.Clear(context);
        return TypedResults.NoContent();
    }

    private static string IdOf(Session session) => session.CustomerId.ToString(CultureInfo.InvariantCulture);
}
