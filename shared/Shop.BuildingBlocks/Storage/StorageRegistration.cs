using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Registers a service's database.</summary>
public static class StorageRegistration
{
    /// <summary>Adds <see cref="Database{TContext}"/> over the file that <see cref="DatabaseOptions"/> names, migrated before the service listens.</summary>
    public static void AddDatabase<TContext>(this IHostApplicationBuilder builder) where TContext : ShopDbContext
    {
        builder.Services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddDbContextFactory<TContext>((services, options) => options
            .UseSqlite(new SqliteConnectionStringBuilder
            {
                DataSource = services.GetRequiredService<IOptions<DatabaseOptions>>().Value.Path,
                Pooling = true,
            }.ToString())
            .AddInterceptors(new SqliteSetup())
            .EnableThreadSafetyChecks(false));
        builder.Services.AddSingleton<WriteGate>();
        builder.Services.AddSingleton<Database<TContext>>();
        builder.Services.AddHostedService<SchemaMigrator<TContext>>();
    }
}
