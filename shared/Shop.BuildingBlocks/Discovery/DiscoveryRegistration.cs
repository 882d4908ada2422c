using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Consul;

namespace Shop.BuildingBlocks.Discovery;

/// <summary>Registers a process's part in discovery: by Consul where <c>Consul:Host</c> is configured, else by fixed addresses.</summary>
/// <remarks>
/// Another registry takes Consul's place by a registration of <see cref="IDiscoveryClient"/> made before this; it is polled unless it watches by
/// itself, and registers the process in its own way.
/// </remarks>
public static class DiscoveryRegistration
{
    /// <param name="service">The name under which others ask for this process.</param>
    /// <param name="instance">The stable name of this replica.</param>
    public static void AddDiscovery(this IHostApplicationBuilder builder, string service, string instance)
    {
        var services = builder.Services;
        services.AddOptions<RoutingOptions>().BindConfiguration(RoutingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ConsulDiscoveryOptions>().BindConfiguration(ConsulDiscoveryOptions.Section).ValidateDataAnnotations().ValidateOnStart()
            .PostConfigure(options =>
            {
                options.ServiceName = options.ServiceName.Length == 0 ? service : options.ServiceName;
                options.InstanceId = options.InstanceId.Length == 0 ? instance : options.InstanceId;
            });
        services.TryAddSingleton(TimeProvider.System);
        if (ConsulOptions.IsWanted(builder.Configuration))
        {
            services.AddConsul(instance);
        }

        services.AddSingleton<ServiceInstances>();
        services.AddHostedService(provider => provider.GetRequiredService<ServiceInstances>());
    }

    /// <summary>Says that this process calls <paramref name="service"/>.</summary>
    public static void AddWatchedService(this IServiceCollection services, string service) => services.AddSingleton(new WatchedService(service));

    private static void AddConsul(this IServiceCollection services, string instance)
    {
        services.AddOptions<ConsulOptions>().BindConfiguration(ConsulOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(provider => new ConsulClient(
            new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(2) },
            provider.GetRequiredService<IOptions<ConsulOptions>>(),
            instance,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ConsulClient>>()));
        services.AddSingleton<ConsulKeys>();
        if (services.All(service => service.ServiceType != typeof(IDiscoveryClient)))
        {
            services.AddSingleton<ConsulRegistration>();
            services.AddHostedService(provider => provider.GetRequiredService<ConsulRegistration>());
            services.AddSingleton<IDiscoveryClient, ConsulDiscoveryClient>();
        }
    }
}
