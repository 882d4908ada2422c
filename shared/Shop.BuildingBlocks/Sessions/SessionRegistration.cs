using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Registers the session store that <c>Sessions:Store</c> names.</summary>
/// <remarks>The store does not decide whether the process is ready: without Redis it has no sessions, and serves what needs none.</remarks>
public static class SessionRegistration
{
    public static void AddSessionStore(this IHostApplicationBuilder builder)
    {
        builder.AddRedis();
        builder.Services.AddOptions<ShopSessionOptions>()
            .BindConfiguration(ShopSessionOptions.Section)
            .ValidateDataAnnotations()
            .Validate<IConfiguration>(
                (sessions, configuration) => sessions.Store is not SessionStoreKind.Redis || configuration.IsRedisConfigured(),
                $"{ShopSessionOptions.Section}:{nameof(ShopSessionOptions.Store)}=Redis needs {RedisOptions.ConnectionStringKey}.")
            .ValidateOnStart();
        builder.Services.AddSingleton<ISessionStore>(services => services.GetRequiredService<IOptions<ShopSessionOptions>>().Value.Store switch
        {
            SessionStoreKind.Redis => ActivatorUtilities.CreateInstance<RedisSessionStore>(services),
            _ => ActivatorUtilities.CreateInstance<InProcessSessionStore>(services),
        });
    }
}
