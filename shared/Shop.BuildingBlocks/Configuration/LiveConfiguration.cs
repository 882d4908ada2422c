using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>What this process knows of the store; empty where no store is configured.</summary>
/// <remarks>The state may change between two looks at it.</remarks>
public sealed class KvView(Func<KvState> state)
{
    public KvState State => state();
}

/// <summary>Registers Consul's KV store as a source of the configuration, where <c>Consul:Host</c> is configured.</summary>
/// <remarks>Nothing comes from the store that was not declared by <see cref="AddLive{TOptions}"/>.</remarks>
public static class LiveConfiguration
{
    /// <summary>Whoever writes to the store must not become whoever signs identities, reads databases or moves the store.</summary>
    public static readonly ImmutableArray<string> Never =
        ["ConnectionStrings", ConsulOptions.Section, "Database", "Identity", "Kestrel", "Security", ServiceAddresses.Section, "Shop", "Snowflake"];

    /// <summary>To be called after all other sources were added: the store wins over them.</summary>
    public static void AddLiveConfiguration(this IHostApplicationBuilder builder, string application)
    {
        var services = builder.Services;
        services.AddSingleton<LiveSettings>();
        services.AddOptions<KvOptions>().BindConfiguration(KvOptions.Section).ValidateDataAnnotations().ValidateOnStart()
            .PostConfigure<IHostEnvironment>((options, environment) =>
            {
                if (options.Profiles.Count == 0)
                {
                    options.Profiles.Add(environment.EnvironmentName.ToLowerInvariant());
                }
            });
        if (!ConsulOptions.IsWanted(builder.Configuration)
            || !builder.Configuration.GetValue($"{KvOptions.Section}:{nameof(KvOptions.Enabled)}", defaultValue: true))
        {
            services.AddSingleton(new KvView(() => KvState.None));
            return;
        }

        var provider = new KvConfigurationProvider();
        builder.Configuration.Add(provider);
        services.AddSingleton(services =>
        {
            var options = services.GetRequiredService<IOptions<KvOptions>>();
            return new KvWatcher(
                services.GetRequiredService<ConsulClient>(),
                new KvLayers(options.Value.Prefix, application, options.Value.Profiles),
                services.GetRequiredService<LiveSettings>(),
                provider,
                services.GetRequiredService<IConfiguration>(),
                options,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<KvWatcher>>());
        });
        services.AddHostedService(services => services.GetRequiredService<KvWatcher>());
        services.AddSingleton(services =>
        {
            var watcher = services.GetRequiredService<KvWatcher>();
            return new KvView(() => watcher.State);
        });
    }

    /// <summary>Declares what of a section may come from the store, now and while the process runs: all of it, or the named keys.</summary>
    public static IServiceCollection AddLive<TOptions>(this IServiceCollection services, string section, params ImmutableArray<string> keys)
        where TOptions : class, new()
    {
        if (Never.Contains(section.Split(':')[0], StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException($"{section} may never come from the store.");
        }

        return services.AddSingleton(provider => new LiveSection(
            section,
            keys,
            (all, own) => LiveSettings.Check(section, all, own, provider.GetServices<IValidateOptions<TOptions>>()),
            () => provider.GetRequiredService<IOptionsMonitor<TOptions>>().CurrentValue));
    }
}
