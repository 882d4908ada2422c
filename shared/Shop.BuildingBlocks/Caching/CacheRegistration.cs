using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Caching;

/// <summary>Registers what caches are made of: the options and, where Redis is configured, its level and the feed of changes.</summary>
/// <remarks>Without Redis a cache is this process's own, and only what this process changes is known to it.</remarks>
public static class CacheRegistration
{
    /// <summary>May be called once. Whoever caches asks for <see cref="SharedLevel"/> and <see cref="InvalidationFeed"/>, which may not be there.</summary>
    public static void AddCaching(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<CacheOptions>().BindConfiguration(CacheOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        if (!builder.Configuration.IsRedisConfigured())
        {
            return;
        }

        builder.AddRedis();
        builder.Services.AddSingleton<SharedLevel>();
        builder.Services.AddSingleton<InvalidationFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<InvalidationFeed>());
    }
}
