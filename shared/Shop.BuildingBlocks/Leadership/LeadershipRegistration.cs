using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>Registers the duties of a service.</summary>
public static class LeadershipRegistration
{
    /// <summary>One process at a time leads <paramref name="duty"/>: elected in Consul where <c>Consul:Host</c> is configured, else this one.</summary>
    /// <remarks>
    /// <typeparamref name="TContext"/> is the database that keeps the epochs. Register what works under the lead afterwards: it is then stopped
    /// before the lead is given up. Without Consul several processes over one database would all believe that they lead; the fence lets the last one write.
    /// </remarks>
    public static void AddDuty<TContext>(this IHostApplicationBuilder builder, string duty)
        where TContext : ShopDbContext
    {
        var services = builder.Services;
        services.AddSingleton(new Duty(duty));
        if (services.Any(service => service.ServiceType == typeof(Leaders)))
        {
            return;
        }

        services.AddOptions<LeadershipOptions>().BindConfiguration(LeadershipOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Leaders>();
        services.AddSingleton<EpochFence<TContext>>();
        if (ConsulOptions.IsWanted(builder.Configuration))
        {
            services.AddHostedService<ConsulElection<TContext>>();
        }
        else
        {
            services.AddHostedService<SoleElection<TContext>>();
        }
    }
}
