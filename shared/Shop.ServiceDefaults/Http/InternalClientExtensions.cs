using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>Named clients for calls from service to service.</summary>
/// <remarks>No retries here: only the caller knows whether its call may be repeated.</remarks>
public static class InternalClientExtensions
{
    /// <summary>Registers the client that <c>IHttpClientFactory.CreateClient(serviceName)</c> returns: relative paths, the service key, a timeout.</summary>
    public static IServiceCollection AddInternalClient(this IServiceCollection services, string serviceName)
    {
        services.AddOptions<InternalClientOptions>().BindConfiguration(InternalClientOptions.Section);
        services.AddHttpClient(serviceName)
            .ConfigureHttpClient((provider, client) =>
            {
                client.BaseAddress = new Uri($"http://{serviceName}/"); // a placeholder, see ReplicaHandler
                client.Timeout = provider.GetRequiredService<IOptions<InternalClientOptions>>().Value.Timeout;
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
            .AddHttpMessageHandler(provider =>
                new ReplicaHandler(ServiceAddresses.Of(provider.GetRequiredService<IConfiguration>(), serviceName)))
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers();
        return services;
    }
}
