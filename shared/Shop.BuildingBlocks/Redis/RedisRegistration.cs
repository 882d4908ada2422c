using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Redis;

/// <summary>Registers the process's connection to Redis, where one is configured.</summary>
/// <remarks>It is not part of a health check: what a process does without Redis is each feature's own decision.</remarks>
public static class RedisRegistration
{
    public static bool IsRedisConfigured(this IConfiguration configuration) =>
        !string.IsNullOrWhiteSpace(configuration[RedisOptions.ConnectionStringKey]);

    /// <summary>Registers <see cref="RedisConnection"/> when <c>Redis:ConnectionString</c> is set; may be called more than once.</summary>
    public static void AddRedis(this IHostApplicationBuilder builder)
    {
        if (!builder.Configuration.IsRedisConfigured())
        {
            return;
        }

        builder.Services.AddOptions<RedisOptions>().BindConfiguration(RedisOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RedisOptions>, ConnectionStringCheck>());
        builder.Services.TryAddSingleton<RedisConnection>();
    }

    private sealed class ConnectionStringCheck : IValidateOptions<RedisOptions>
    {
        public ValidateOptionsResult Validate(string? name, RedisOptions options)
        {
            try
            {
                return ConfigurationOptions.Parse(options.ConnectionString).EndPoints.Count > 0
                    ? ValidateOptionsResult.Success
                    : ValidateOptionsResult.Fail($"{RedisOptions.ConnectionStringKey} names no server.");
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException)
            {
                // Not the string itself: it may hold a password.
                return ValidateOptionsResult.Fail($"{RedisOptions.ConnectionStringKey} cannot be read: {exception.Message}");
            }
        }
    }
}
