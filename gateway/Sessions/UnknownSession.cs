using Shop.ServiceDefaults;

namespace Shop.Gateway.Sessions;

/// <summary>Marks a request that came with a token while the store of sessions was away: who asks is not known, which is not "nobody".</summary>
internal sealed class UnknownSession
{
    private static readonly UnknownSession Mark = new();

    private UnknownSession()
    {
    }

    public static void Set(HttpContext context) => context.Features.Set(Mark);

    /// <summary>Why a request without a session gets no further: 503 where the session could not be looked up, else 401.</summary>
    public static ProblemType Refusal(HttpContext context) =>
        Is(context) ? ProblemCatalogue.DependencyUnavailable : ProblemCatalogue.Unauthorized;

    public static bool Is(HttpContext context) => context.Features.Get<UnknownSession>() is not null;
}
