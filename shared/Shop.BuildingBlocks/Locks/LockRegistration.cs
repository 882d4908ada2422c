using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.BuildingBlocks.Locks.Postgres;
using Shop.BuildingBlocks.Locks.Redlock;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Locks;

/// <summary>Registers the locks that <c>Locks:Provider</c> names.</summary>
/// <remarks>They do not decide whether the process is ready: without its lock servers it serves all that needs no lock.</remarks>
public static class LockRegistration
{
    /// <summary>Adds <see cref="ILocks"/> for a process that has a database registered, or its settings at least.</summary>
    public static void AddLocks(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section);
        services.AddOptions<LockOptions>().BindConfiguration(LockOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LockOptionsCheck>();
        services.AddSingleton<IPostConfigureOptions<LockOptions>>(provider => provider.GetRequiredService<LockOptionsCheck>());
        services.AddSingleton<IValidateOptions<LockOptions>>(provider => provider.GetRequiredService<LockOptionsCheck>());
        services.AddSingleton<RedlockNodes>();
        services.AddSingleton<ILocks>(provider => provider.GetRequiredService<IOptions<LockOptions>>().Value.Provider switch
        {
            LockProviders.Redlock => ActivatorUtilities.CreateInstance<RedlockLocks>(provider),
            LockProviders.PostgresAdvisory => ActivatorUtilities.CreateInstance<PostgresLocks>(provider, PostgresLockKind.Advisory),
            LockProviders.PostgresRow => ActivatorUtilities.CreateInstance<PostgresLocks>(provider, PostgresLockKind.Row),
            LockProviders.Consul => ActivatorUtilities.CreateInstance<ConsulLocks>(provider),
            _ => ActivatorUtilities.CreateInstance<ProcessLocks>(provider),
        });
    }

    /// <summary>Adds <see cref="FencedLocks{TContext}"/> beside <see cref="AddLocks"/>: locks whose tokens this database issues and checks.</summary>
    public static void AddFencedLocks<TContext>(this IHostApplicationBuilder builder) where TContext : ShopDbContext
    {
        builder.AddLocks();
        builder.Services.AddSingleton<FencedLocks<TContext>>();
    }
}
