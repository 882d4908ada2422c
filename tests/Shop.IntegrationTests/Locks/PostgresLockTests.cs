using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Postgres;
using Shop.BuildingBlocks.Storage;
using Shop.IntegrationTests.Storage;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Locks;

[Collection(PostgresCollection.Name)]
public sealed class AdvisoryLockTests(ITestOutputHelper output, PostgresFixture postgres) : PostgresLockConformance(output, postgres)
{
    private protected override PostgresLockKind Kind => PostgresLockKind.Advisory;
}

[Collection(PostgresCollection.Name)]
public sealed class RowLockTests(ITestOutputHelper output, PostgresFixture postgres) : PostgresLockConformance(output, postgres)
{
    private protected override PostgresLockKind Kind => PostgresLockKind.Row;
}

public abstract class PostgresLockConformance(ITestOutputHelper output, PostgresFixture postgres) : ServerLockConformance(output)
{
    private string _database = "";

    private protected abstract PostgresLockKind Kind { get; }

    public override async Task InitializeAsync()
    {
        _database = await postgres.CreateDatabaseAsync();
        await PostgresFixture.ExecuteAsync(_database, "CREATE TABLE lock_rows (resource TEXT PRIMARY KEY)");
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();

        // Every session that was opened is closed again: nothing is held, and nothing waits.
        await Discovery.Eventually.TrueAsync(async () => await PostgresFixture.QueryAsync(_database, Sessions) is ["0"]);
    }

    [Fact]
    public async Task No_more_connections_are_taken_than_allowed()
    {
        var locks = Make(options => options.MaxConnections = 1);
        await using var held = await locks.TryAcquireAsync(Resource, Long, default);

        Assert.Null(await locks.TryAcquireAsync($"{Resource}/other", TimeSpan.FromMilliseconds(50), default));
    }

    internal override ILocks Make(LockOptions options, TimeProvider clock) => new PostgresLocks(
        Kind,
        Options.Create(options),
        Options.Create(new DatabaseOptions { Provider = DatabaseProvider.Postgres, ConnectionString = _database }),
        clock,
        NullLogger<PostgresLocks>.Instance);

    protected override Task TakeAwayAsync() => PostgresFixture.ExecuteAsync(
        _database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop-locks' AND datname = current_database()");

    private const string Sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'shop-locks' AND datname = current_database()";
}
