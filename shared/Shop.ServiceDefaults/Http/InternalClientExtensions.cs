using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;

namespace Shop.ServiceDefaults;

/// <summary>Named clients for calls from service to service.</summary>
/// <remarks>Only what says that it may be repeated is retried, and only where calls are guarded: see <see cref="InternalClientOptions"/>.</remarks>
public static class InternalClientExtensions
{
    /// <summary>Registers the client that <c>IHttpClientFactory.CreateClient(serviceName)</c> returns: relative paths, the service key, a timeout.</summary>
    public static IServiceCollection AddInternalClient(this IServiceCollection services, string serviceName)
    {
        services.AddHttpContextAccessor();
        services.AddWatchedService(serviceName);
        services.AddOptions<InternalClientOptions>().BindConfiguration(InternalClientOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpClient(serviceName)
            .ConfigureHttpClient((provider, client) =>
            {
                client.BaseAddress = new Uri($"http://{serviceName}/"); // a placeholder, see ReplicaHandler
                client.Timeout = TimeoutOf(provider);
                client.DefaultRequestHeaders.Add(ShopHeaders.ServiceKey, provider.GetRequiredService<IOptions<SecurityOptions>>().Value.ServiceKey);
            })
            .UseSocketsHttpHandler((handler, provider) =>
            {
                handler.ConnectTimeout = provider.GetRequiredService<IOptions<InternalClientOptions>>().Value.ConnectTimeout;
                handler.PooledConnectionLifetime = TimeSpan.FromMinutes(5);
                handler.AllowAutoRedirect = false;
                handler.UseCookies = false;
                handler.UseProxy = false;
            })
            .AddHttpMessageHandler(provider => HandlerOf(provider, serviceName))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
        return services;
    }

    private static TimeSpan TimeoutOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<InternalClientOptions>>().Value;

        // A guarded call is ended by its deadline, which the breaker counts; this is for the body that comes after the headers, where the client reads it itself.
        return options.IsGuarded(provider.GetRequiredService<IConfiguration>()) ? options.Timeout * 1.2 : options.Timeout;
    }

    private static ReplicaHandler HandlerOf(IServiceProvider provider, string serviceName)
    {
        var options = provider.GetRequiredService<IOptions<InternalClientOptions>>().Value;
        var clock = provider.GetRequiredService<TimeProvider>();
        var self = provider.GetRequiredService<ServiceInfo>();
        var seed = self.Instance.Aggregate(serviceName.Length, (sum, character) => unchecked((sum * 31) + character));
        return new ReplicaHandler(
            serviceName,
            provider.GetRequiredService<ServiceInstances>(),
            options,
            options.IsGuarded(provider.GetRequiredService<IConfiguration>()) ? new CallGuards(options, clock, new Random(seed)) : null,
            provider.GetRequiredService<IHttpContextAccessor>(),
            clock,
            provider.GetRequiredService<IOptions<ConsulDiscoveryOptions>>().Value.InstanceZone);
    }
}
