using System.Reflection;
using Shop.BuildingBlocks.Sessions;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions;

/// <summary>The session that a request came with, and how: only a cookie comes without the caller's doing.</summary>
internal sealed record CurrentSession(SessionKey Key, Session Session, bool FromCookie) : IBindableFromHttpContext<CurrentSession>
{
    public Customer Customer => new(Session.CustomerId, Session.CustomerName);

    public static CurrentSession? Of(HttpContext context) => context.Features.Get<CurrentSession>();

    public static ValueTask<CurrentSession?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<CurrentSession?>(Of(context) ?? throw new ProblemException(ProblemCatalogue.Unauthorized));
}
