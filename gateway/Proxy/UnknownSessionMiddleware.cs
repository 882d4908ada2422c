using Shop.Gateway.Sessions;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Proxy;

/// <summary>Keeps a request whose session could not be looked up from a service, which would call its sender not logged in.</summary>
internal sealed class UnknownSessionMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context) =>
        UnknownSession.Is(context) && !PublicRoutes.TraitsOf(context).HasFlag(RouteTraits.Open)
            ? Problems.Unavailable().ExecuteAsync(context)
            : next(context);
}
