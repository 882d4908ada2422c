namespace Shop.ServiceDefaults;

/// <summary>The names of the authentication schemes.</summary>
/// <remarks>The identity scheme is the default; the key schemes run only where a group asks for them.</remarks>
public static class Schemes
{
    public const string Identity = ShopHeaders.Identity;
    public const string ServiceKey = ShopHeaders.ServiceKey;
    public const string OperatorKey = ShopHeaders.OperatorKey;
}
