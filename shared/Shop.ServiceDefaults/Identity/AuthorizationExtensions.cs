using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Shop.ServiceDefaults;

/// <summary>Who may call a group of endpoints; everybody else gets a 401 problem before anything is bound or run.</summary>
/// <remarks>A group without one of these is open to everybody who reaches the port.</remarks>
public static class AuthorizationExtensions
{
    private static readonly AuthorizationPolicy Customers = new AuthorizationPolicyBuilder()
        .RequireAssertion(context => Customer.Of(context.User) is not null).Build();

    private static readonly AuthorizationPolicy Services = new AuthorizationPolicyBuilder(Schemes.ServiceKey).RequireAuthenticatedUser().Build();
    private static readonly AuthorizationPolicy Operators = new AuthorizationPolicyBuilder(Schemes.OperatorKey).RequireAuthenticatedUser().Build();

    /// <summary>A customer whom the gateway vouches for.</summary>
    public static TBuilder RequireCustomer<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(Customers).Refuses(ProblemCatalogue.Unauthorized);

    /// <summary>Another service of the shop; not part of the public documents.</summary>
    public static TBuilder RequireServiceKey<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(Services).ExcludeFromDescription();

    /// <summary>A person who operates the shop; not part of the public documents.</summary>
    public static TBuilder RequireOperatorKey<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder =>
        endpoints.RequireAuthorization(Operators).ExcludeFromDescription();
}
