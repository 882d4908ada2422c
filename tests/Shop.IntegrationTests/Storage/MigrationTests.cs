using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Shop.BuildingBlocks.Storage;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Storage;
using Shop.Lab.Cluster.Apps;
using Shop.Ordering.Storage;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Storage;

/// <summary>Replicas that start at once bring one database to the schema of their version: one of them, once, all of it or nothing.</summary>
[Collection(PostgresCollection.Name)]
public sealed class MigrationTests(PostgresFixture postgres)
{
    private const string Victim = "victim";
    private const string Waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";

    private const string Schema = """
        SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public'
        ORDER BY 1, 2
        """;

    private const string Applied = "SELECT name FROM schema_migrations ORDER BY name";

    [Fact]
    public Task Two_replicas_on_an_empty_database_make_the_schema_once() => MigrateTogetherAsync<InventoryDbContext>(_ => Task.CompletedTask);

    [Fact]
    public Task Two_replicas_on_an_older_database_add_what_it_lacks_and_keep_what_it_has() => MigrateTogetherAsync<OrderingDbContext>(
        before: MigrateAsync<PlainDbContext>,
        filled: """
            INSERT INTO outbox VALUES ('inventory', 1, 1, '[]', 1);
            INSERT INTO operations VALUES (7, 'reserve', 1, NULL, 1);
            UPDATE schema_migrations SET applied_at = 1;
            """,
        kept: """
            SELECT destination, id FROM outbox UNION ALL SELECT name, order_id FROM operations
            UNION ALL SELECT name, applied_at FROM schema_migrations WHERE applied_at = 1 ORDER BY 1
            """);

    [Fact]
    public async Task A_process_killed_half_way_leaves_nothing_behind_and_the_next_one_goes_on()
    {
        var expected = await SchemaOfOneAsync<OrderingDbContext>();
        var database = await postgres.CreateDatabaseAsync();

        // A table that is being made by somebody else stops the migration in its middle: the tables before it are made and not committed.
        await using var obstacle = new NpgsqlConnection(database);
        await obstacle.OpenAsync();
        await using var inTheWay = await obstacle.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("CREATE TABLE products (sku TEXT PRIMARY KEY)", obstacle, inTheWay))
        {
            await command.ExecuteNonQueryAsync();
        }

        using var victim = StartOrdering(database);
        await Eventually.TrueAsync(
            async () => (await QueryAsync(database, $"SELECT 1 FROM pg_stat_activity WHERE application_name = '{Victim}' AND wait_event_type = 'Lock'")).Count == 1, 60);
        var next = MigrateAsync<OrderingDbContext>(database);
        await Eventually.TrueAsync(async () => await QueryAsync(database, Waiting) is ["1"]);
        victim.Kill();
        await victim.WaitForExitAsync();
        await inTheWay.RollbackAsync();
        await next;

        Assert.Equal(expected, await QueryAsync(database, Schema));
    }

    [Fact]
    public async Task Two_that_open_one_new_file_make_its_schema_once()
    {
        using var directory = new TempDirectory();
        var path = directory.File("plain.db");

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => MigrateFileAsync(path))));
        await MigrateFileAsync(path);

        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM schema_migrations";
        Assert.Equal(
            typeof(ShopDbContext).Assembly.GetManifestResourceNames().LongCount(name => name.EndsWith(".sql", StringComparison.Ordinal) && !name.EndsWith(".postgres.sql", StringComparison.Ordinal)),
            await command.ExecuteScalarAsync());
    }

    private async Task MigrateTogetherAsync<TContext>(Func<string, Task> before, string? filled = null, string? kept = null)
        where TContext : ShopDbContext
    {
        var expected = await SchemaOfOneAsync<TContext>();
        var database = await postgres.CreateDatabaseAsync();
        await before(database);
        if (filled is not null)
        {
            await ExecuteAsync(database, filled);
        }

        var old = kept is null ? [] : await QueryAsync(database, kept);

        // Both are let go at the same moment: while somebody holds the lock, they come as far as they can.
        await using var holder = new NpgsqlConnection(database);
        await holder.OpenAsync();
        await using (var command = new NpgsqlCommand($"SELECT pg_advisory_lock({PostgresProvider.MigrationLock})", holder))
        {
            await command.ExecuteNonQueryAsync();
        }

        var replicas = Task.WhenAll(MigrateAsync<TContext>(database), MigrateAsync<TContext>(database));
        await Eventually.TrueAsync(async () => await QueryAsync(database, Waiting) is ["2"], 60);
        await holder.CloseAsync();
        NpgsqlConnection.ClearPool(holder);
        await replicas;

        Assert.Equal(expected, await QueryAsync(database, Schema));
        Assert.Equal(kept is null ? [] : old, kept is null ? [] : await QueryAsync(database, kept));
        Assert.Equal((await QueryAsync(database, Applied)).Distinct(), await QueryAsync(database, Applied));
    }

    private async Task<IReadOnlyList<string>> SchemaOfOneAsync<TContext>() where TContext : ShopDbContext
    {
        var database = await postgres.CreateDatabaseAsync();
        await MigrateAsync<TContext>(database);
        return await QueryAsync(database, Schema);
    }

    private static Task MigrateFileAsync(string path) =>
        StartMigratorAsync<PlainDbContext>(new Dictionary<string, string?> { ["Database:Path"] = path });

    private static Task MigrateAsync<TContext>(string database) where TContext : ShopDbContext => StartMigratorAsync<TContext>(new Dictionary<string, string?>
    {
        ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
        ["Database:ConnectionString"] = database,
    });

    // As at the start of a service, and nothing else of it.
    private static async Task StartMigratorAsync<TContext>(Dictionary<string, string?> settings) where TContext : ShopDbContext
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddDatabase<TContext>();
        using var host = builder.Build();
        await host.Services.GetServices<IHostedService>().OfType<SchemaMigrator<TContext>>().Single().StartAsync(CancellationToken.None);
    }

    // A real one, because only a real one can be killed. It never gets as far as its broker.
    private Process StartOrdering(string database)
    {
        var start = new ProcessStartInfo("dotnet", [SourceTree.Find().Assembly(AppKind.Ordering.Project)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in AppEnvironment.Of(AppKind.Ordering, 1, postgres.Cluster.Connections))
        {
            start.Environment[name] = value;
        }

        start.Environment["Database__ConnectionString"] = $"{database};Application Name={Victim}";
        start.Environment["Messaging__Transport"] = "RabbitMq";
        start.Environment["RabbitMq__Username"] = start.Environment["RabbitMq__Password"] = Victim;
        return Process.Start(start)!;
    }
}
