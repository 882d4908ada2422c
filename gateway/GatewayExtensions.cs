using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.HostFiltering;
using Shop.BuildingBlocks.Configuration;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Sessions;
using Shop.Contracts;
using Shop.Gateway.Carts;
using Shop.Gateway.Customers;
using Shop.Gateway.Docs;
using Shop.Gateway.Edge;
using Shop.Gateway.Limits;
using Shop.Gateway.Proxy;
using Shop.Gateway.Sessions;
using Shop.Gateway.Sessions.Peers;
using Shop.ServiceDefaults;

namespace Shop.Gateway;

/// <summary>The only public process: sessions, carts, limits, and the way to the services.</summary>
public static class GatewayExtensions
{
    public const string ApiPrefix = "/api/v1";

    public static WebApplicationBuilder AddGateway(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddInternalClient(ServiceNames.Payments);
        services.AddInternalClient(ServiceNames.Inventory);
        services.AddWatchedService(ServiceNames.Ordering);
        services.AddOptions<FeatureOptions>().BindConfiguration(FeatureOptions.Section);
        services.AddLive<FeatureOptions>(FeatureOptions.Section);
        builder.AddSessions();
        builder.AddLimits();
        builder.AddEdge();
        services.AddProxy();
        services.AddTrustedProxies();
        services.Configure<HostFilteringOptions>(options => options.IncludeFailureMessage = false); // "AllowedHosts" refuses without its page of HTML
        services.AddSingleton<PaymentsClient>();
        services.AddSingleton<ProductLookup>();
        services.Configure<PipelineOptions>(pipeline =>
        {
            pipeline.BeforeRouting = app => app.UseTrustedProxies().UseHsts().UseMiddleware<PathGate>(); // HSTS speaks on https only, and not to localhost
            pipeline.BeforeAuthentication = app => app.UseMiddleware<OverloadMiddleware>(); // to look for a session is work too
            pipeline.BeforeAuthorization = app => app.UseMiddleware<QuotaMiddleware>().UseMiddleware<CrossSiteMiddleware>();
        });
        return builder;
    }

    public static WebApplication MapGateway(this WebApplication app)
    {
        var api = app.MapGroup(ApiPrefix);
        api.MapCustomers();
        api.MapSessions();
        api.MapCart();
        app.MapDocs();
        app.MapEdge();
        app.MapSessionPeers();
        app.MapProxy();
        return app;
    }

    // The session decides who the customer is, not a header: Shop-Identity is for the services behind.
    private static void AddSessions(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        builder.AddSessionStore();
        builder.AddSessionPeers();
        services.AddRedisProblems();
        services.AddSingleton<IdentityTokens>();
        services.Configure<AuthenticationOptions>(options => options.DefaultScheme = SessionHandler.SchemeName);
        new AuthenticationBuilder(services).AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, null);
    }
}
