using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Registers a service's database.</summary>
public static class StorageRegistration
{
    /// <summary>Adds <see cref="Database{TContext}"/> over what <see cref="DatabaseOptions"/> names, migrated before the service listens.</summary>
    public static void AddDatabase<TContext>(this IHostApplicationBuilder builder) where TContext : ShopDbContext
    {
        builder.Services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddGuards();
        builder.Services.AddSingleton<IDatabaseProvider>(services =>
            services.GetRequiredService<IOptions<DatabaseOptions>>().Value is { Provider: DatabaseProvider.Postgres } postgres
                ? new PostgresProvider(postgres, services.GetRequiredService<TimeProvider>())
                : new SqliteProvider(services.GetRequiredService<IOptions<DatabaseOptions>>().Value));
        builder.Services.AddPooledDbContextFactory<TContext>(
            (services, options) =>
            {
                services.GetRequiredService<IDatabaseProvider>().Configure(options);
                options.EnableThreadSafetyChecks(false);
            },
            ContextPool.Size);
        builder.Services.AddSingleton(services => new Database<TContext>(
            services.GetRequiredService<IDbContextFactory<TContext>>(),
            services.GetRequiredService<IDatabaseProvider>(),
            services.GetRequiredService<OutboxSignal>(),
            services.GetRequiredService<SnowflakeIdGenerator>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IOptionsMonitor<GuardOptions>>(),
            row => services.GetRequiredService<SendAfterCommit>().Send(row)));
        builder.Services.AddSingleton(services => new PreparedTransactions<TContext>(services.GetRequiredService<IDbContextFactory<TContext>>()));
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<SchemaMigrator<TContext>>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SchemaMigrator<TContext>>());
        builder.Services.AddSingleton(services => new Migration(services.GetRequiredService<SchemaMigrator<TContext>>().StartAsync));
    }
}
