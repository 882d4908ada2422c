using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Ids.Segments;

/// <summary>Registers the series of numbers of a service.</summary>
public static class SegmentRegistration
{
    /// <summary>Adds <see cref="SegmentIdGenerator"/>, also as <see cref="IIdGenerator"/>, as a keyed service under the name of the series, filled from the service's own database.</summary>
    /// <remarks>A series is known by its name within one database: two services may each have one of the same name.</remarks>
    public static void AddSeries<TContext>(this IHostApplicationBuilder builder, string series)
        where TContext : ShopDbContext
    {
        var services = builder.Services;
        services.AddSingleton(new SeriesName(series));
        services.AddKeyedSingleton(series, (provider, _) => provider.GetRequiredService<SegmentRefill<TContext>>().Of(series));
        services.AddKeyedSingleton<IIdGenerator>(series, (provider, _) => provider.GetRequiredService<SegmentRefill<TContext>>().Of(series));
        if (services.Any(service => service.ServiceType == typeof(SegmentRefill<TContext>)))
        {
            return;
        }

        services.AddOptions<SegmentOptions>().BindConfiguration(SegmentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<SegmentRefill<TContext>>();
        services.AddHostedService(provider => provider.GetRequiredService<SegmentRefill<TContext>>());
    }
}
