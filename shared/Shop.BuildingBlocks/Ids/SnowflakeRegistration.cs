using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Registers the id generator of a process.</summary>
public static class SnowflakeRegistration
{
    /// <summary>One <see cref="SnowflakeIdGenerator"/> for the container, with options checked at start.</summary>
    /// <remarks>A second container of the same kind in the same process needs a worker id of its own.</remarks>
    public static IServiceCollection AddSnowflakeIds(this IServiceCollection services)
    {
        services.AddOptions<SnowflakeOptions>().BindConfiguration(SnowflakeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SnowflakeIdGenerator>();
        return services;
    }
}
