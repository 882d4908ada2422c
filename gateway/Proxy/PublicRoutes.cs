using System.Collections.Immutable;
using Shop.Contracts;
using Yarp.ReverseProxy.Model;

namespace Shop.Gateway.Proxy;

/// <summary>What is special about a route, apart from where it leads.</summary>
[Flags]
internal enum RouteTraits
{
    None = 0,

    /// <summary>Made once per idempotency key: the service gets a signed digest of the client's own body.</summary>
    Fingerprint = 1,

    /// <summary>An order: without lines of its own it gets those of the cart.</summary>
    Order = 2,

    /// <summary>Stays open for long.</summary>
    Stream = 4,

    /// <summary>For everybody: it matters not who asks.</summary>
    Open = 8,

    /// <summary>The same for everybody: the service is not told who asks, and what it allows is kept here for the next one.</summary>
    Kept = 16,
}

internal sealed record PublicRoute(string Service, string Method, string Path, RouteTraits Traits = RouteTraits.None)
{
    public string Id => $"{Method} {Path}";
}

/// <summary>Everything of the services that the world can reach; what is not in this table does not exist for it.</summary>
internal static class PublicRoutes
{
    public static readonly ImmutableArray<PublicRoute> All =
    [
        new(ServiceNames.Inventory, "GET", "/api/v1/products", RouteTraits.Open | RouteTraits.Kept),
        new(ServiceNames.Inventory, "GET", "/api/v1/products/{sku}", RouteTraits.Open | RouteTraits.Kept),
        new(ServiceNames.Inventory, "GET", "/api/v1/products/{sku}/stock", RouteTraits.Open),
        new(ServiceNames.Ordering, "POST", "/api/v1/orders", RouteTraits.Fingerprint | RouteTraits.Order),
        new(ServiceNames.Ordering, "GET", "/api/v1/orders"),
        new(ServiceNames.Ordering, "GET", "/api/v1/orders/{id}"),
        new(ServiceNames.Ordering, "GET", "/api/v1/orders/{id}/events", RouteTraits.Stream),
        new(ServiceNames.Ordering, "GET", "/api/v1/orders/{id}/history"),
        new(ServiceNames.Ordering, "GET", "/api/v1/orders/{id}/invoice"),
        new(ServiceNames.Ordering, "POST", "/api/v1/orders/{id}/cancel"),
        new(ServiceNames.Payments, "GET", "/api/v1/wallet"),
        new(ServiceNames.Payments, "GET", "/api/v1/wallet/entries"),
        new(ServiceNames.Payments, "POST", "/api/v1/wallet/deposits", RouteTraits.Fingerprint),
    ];

    private static readonly ImmutableDictionary<string, RouteTraits> Traits = All.ToImmutableDictionary(route => route.Id, route => route.Traits);

    public static RouteTraits TraitsOf(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RouteModel>() is { Config.RouteId: var id } ? Traits.GetValueOrDefault(id) : RouteTraits.None;

    public static bool IsStream(HttpContext context) => TraitsOf(context).HasFlag(RouteTraits.Stream);
}
