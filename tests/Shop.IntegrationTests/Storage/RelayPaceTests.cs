using Shop.IntegrationTests.Discovery;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Storage;

/// <summary>How many rows a lane of the relay takes at once, on a real PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed class RelayPaceTests(PostgresFixture postgres)
{
    private const int Backlog = 2_000;

    [Fact]
    public async Task Of_a_backlog_each_look_takes_more_and_after_a_failure_it_begins_small_again()
    {
        var log = new DeliveryLog();
        var database = await postgres.CreateDatabaseAsync();
        await using var replica = await RelayReplica.StartAsync(database, 1, log, ["inventory"]);
        replica.Transport.Refuses = before => before == 2;
        replica.Transport.Release();

        await ExecuteAsync(database, $$"""
            INSERT INTO outbox (destination, id, count, payload, created_at)
            SELECT 'inventory', id, 1, '[{"type":"take-stock","orderId":' || id || '}]', 0 FROM generate_series(1, {{Backlog}}) AS id
            """);
        await Eventually.TrueAsync(async () => await QueryAsync(database, "SELECT count(*) FROM outbox") is ["0"], 60);

        Assert.Equal([64, 128, 256, 64, 128, 256, 512, 512, 336], replica.Transport.Sizes);
        Assert.Equal(Backlog, log.Arrived.Count);
        Assert.Empty(log.Repeated);
    }
}
