using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Registers the id generator of a process.</summary>
public static class SnowflakeRegistration
{
    private const string ReadyTag = "ready";

    /// <summary>One <see cref="SnowflakeIdGenerator"/> for the container, with options checked at start, and the lease of its worker id where Consul gives them out.</summary>
    /// <remarks>A second container of the same kind in the same process needs a worker id of its own: another fixed one, or a lease.</remarks>
    public static IServiceCollection AddSnowflakeIds(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SnowflakeOptions>().BindConfiguration(SnowflakeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        if (!IsLeased(configuration))
        {
            services.TryAddSingleton<SnowflakeIdGenerator>();
            return services;
        }

        services.AddOptions<WorkerLeaseOptions>().BindConfiguration(WorkerLeaseOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(provider => new SnowflakeIdGenerator(
            provider.GetRequiredService<IOptions<SnowflakeOptions>>(), provider.GetRequiredService<TimeProvider>(), grant: null));
        services.AddSingleton<WorkerIdLease>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerIdLease>());
        services.AddHealthChecks().AddCheck<WorkerIdHealthCheck>("worker-id", tags: [ReadyTag]);
        return services;
    }

    private static bool IsLeased(IConfiguration configuration) =>
        ConsulOptions.IsWanted(configuration)
        && string.IsNullOrEmpty(configuration[$"{SnowflakeOptions.Section}:{nameof(SnowflakeOptions.WorkerId)}"]);
}
