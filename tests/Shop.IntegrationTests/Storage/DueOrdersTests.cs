using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Checkout;
using Shop.Ordering.Storage;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Storage;

/// <summary>What every replica asks four times a second costs the same however many orders there were.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DueOrdersTests(PostgresFixture postgres)
{
    private const int Waiting = 5_000;

    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public async Task The_look_for_due_orders_reads_the_index_alone(int? worker)
    {
        var database = await postgres.CreateDatabaseAsync();
        using var host = Build(database);
        await host.Services.GetServices<IHostedService>().OfType<SchemaMigrator<OrderingDbContext>>().Single().StartAsync(default);
        await ExecuteAsync(database, Orders(1, Waiting, $"{Due(Now)} + 1 + i * 7919 % {Waiting}"));
        var look = CheckoutTimer.IsDue(Now, worker, TimeSpan.FromSeconds(1));
        var contexts = host.Services.GetRequiredService<IDbContextFactory<OrderingDbContext>>();
        await using var db = await contexts.CreateDbContextAsync();
        await db.Database.OpenConnectionAsync();
        await db.Database.ExecuteSqlRawAsync("SET plan_cache_mode = force_generic_plan"); // as of a statement that is prepared, and used again and again
        var (whole, byIndex) = await ScansAsync();

        Assert.False(await CheckoutTimer.IsAnyAsync(db, look, default));

        Assert.Equal((whole, byIndex + 1), await ScansAsync());

        await ExecuteAsync(database, Orders(Waiting + 1, Waiting + 1, Due(Now.AddSeconds(-2))));
        Assert.True(await CheckoutTimer.IsAnyAsync(db, look, default));

        async Task<(long Whole, long ByIndex)> ScansAsync()
        {
            await db.Database.ExecuteSqlRawAsync("SELECT pg_stat_force_next_flush()");
            var counts = Assert.Single(await QueryAsync(database, "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = 'orders'"));
            return (long.Parse(counts.Split(' ')[0], CultureInfo.InvariantCulture), long.Parse(counts.Split(' ')[1], CultureInfo.InvariantCulture));
        }
    }

    private static string Due(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static string Orders(int first, int last, string due) => $"""
        INSERT INTO orders (id, customer_id, request_key, fingerprint, checkout, status, lines_json, total_amount, currency, created_at, updated_at,
            version, step, awaiting, cancel_requested, attempts, due_at, history_text)
        SELECT i, 1, 'key ' || i, '', 'saga', 2, '[]', 1, 'EUR', 0, 0, 1, 0, 0, false, 1, {due}, repeat('x', 200) FROM generate_series({first}, {last}) i;
        ANALYZE orders;
        """;

    private static IHost Build(string database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
            ["Database:ConnectionString"] = database,
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddDatabase<OrderingDbContext>();
        return builder.Build();
    }
}
