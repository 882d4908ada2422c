using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Registers the session store that <c>Sessions:Strategy</c> names.</summary>
/// <remarks>Whoever hosts replicated sessions registers the <see cref="ReplicatedSessionStore"/>, with the way to the other gateways. The store does not decide whether the process is ready: without Redis it has no sessions, and serves what needs none.</remarks>
public static class SessionRegistration
{
    public static void AddSessionStore(this IHostApplicationBuilder builder)
    {
        builder.AddRedis();
        builder.Services.AddOptions<ShopSessionOptions>()
            .BindConfiguration(ShopSessionOptions.Section)
            .ValidateDataAnnotations()
            .Validate<IConfiguration>(
                (sessions, configuration) => sessions.Strategy is not SessionStrategy.Central || configuration.IsRedisConfigured(),
                $"{ShopSessionOptions.Section}:{nameof(ShopSessionOptions.Strategy)}=Central needs {RedisOptions.ConnectionStringKey}.")
            .ValidateOnStart();
        builder.Services.AddSingleton<ISessionStore>(services => services.GetRequiredService<IOptions<ShopSessionOptions>>().Value.Strategy switch
        {
            SessionStrategy.Replicated => services.GetRequiredService<ReplicatedSessionStore>(),
            SessionStrategy.Central => ActivatorUtilities.CreateInstance<RedisSessionStore>(services),
            _ => ActivatorUtilities.CreateInstance<InProcessSessionStore>(services),
        });
    }
}
