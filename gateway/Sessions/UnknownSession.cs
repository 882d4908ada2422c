namespace Shop.Gateway.Sessions;

/// <summary>Marks a request that came with a token while the store of sessions was away: who asks is not known, which is not "nobody".</summary>
internal sealed class UnknownSession
{
    private static readonly UnknownSession Mark = new();

    private UnknownSession()
    {
    }

    public static void Set(HttpContext context) => context.Features.Set(Mark);

    public static bool Is(HttpContext context) => context.Features.Get<UnknownSession>() is not null;
}
