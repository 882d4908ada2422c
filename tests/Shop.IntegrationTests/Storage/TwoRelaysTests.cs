using Shop.IntegrationTests.Discovery;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Storage;

/// <summary>Two replicas of one service relay one outbox, several destinations, while both go on writing to it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TwoRelaysTests(PostgresFixture postgres)
{
    private const int Backlog = 1_000;
    private const int Written = 200;

    private static readonly string[] Destinations = ["inventory", "payments", "shipping"];

    [Fact]
    public async Task While_both_are_healthy_every_row_is_delivered_once_and_both_work()
    {
        var log = new DeliveryLog();
        var database = await postgres.CreateDatabaseAsync();
        await using var first = await RelayReplica.StartAsync(database, 1, log, Destinations);
        await using var second = await RelayReplica.StartAsync(database, 2, log, Destinations);

        // Each has claimed rows of every destination before either confirms its own.
        await FillAsync(database, Backlog);
        await Eventually.TrueAsync(() => first.Transport.Held.Count == Destinations.Length && second.Transport.Held.Count == Destinations.Length);
        first.Transport.Release();
        second.Transport.Release();
        await Task.WhenAll(
            Task.Run(() => first.SendAsync(Enumerable.Range(Backlog + 1, Written), Destinations)),
            Task.Run(() => second.SendAsync(Enumerable.Range(Backlog + Written + 1, Written), Destinations)));
        await EmptyAsync(database);

        Assert.Empty(log.Repeated);
        Assert.Equal(Everything, log.Distinct);
    }

    [Theory]
    [InlineData(true)] // it is stopped while it waits for the confirm
    [InlineData(false)] // its connection is gone when the confirm comes, as after a kill or a freeze
    public async Task What_one_had_sent_and_not_removed_when_it_was_cut_off_is_delivered_again_and_nothing_else_is(bool stopped)
    {
        var log = new DeliveryLog();
        var database = await postgres.CreateDatabaseAsync();
        await using var first = await RelayReplica.StartAsync(database, 1, log, Destinations);
        await using var second = await RelayReplica.StartAsync(database, 2, log, Destinations);
        await FillAsync(database, Backlog);
        await Eventually.TrueAsync(() => first.Transport.Held.Count == Destinations.Length);
        second.Transport.Release();

        var writing = Task.Run(() => second.SendAsync(Enumerable.Range(Backlog + 1, 2 * Written), Destinations));
        if (stopped)
        {
            await first.StopAsync();
        }
        else
        {
            await ExecuteAsync(
                database, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{first.Name}' AND state = 'idle in transaction'");
        }

        first.Transport.Release();
        await writing;
        await EmptyAsync(database);

        Assert.Equal(first.Transport.Held.Values.SelectMany(ids => ids).Order(), log.Repeated);
        Assert.Equal(Everything, log.Distinct);
    }

    private static IEnumerable<(string Destination, long Id)> Everything =>
        Destinations.SelectMany(d => Enumerable.Range(1, Backlog + (2 * Written)).Select(id => (d, (long)id)));

    // As one transaction per row would have left them, in one statement.
    private static Task FillAsync(string database, int rows) => ExecuteAsync(database, $$"""
        INSERT INTO outbox (destination, id, count, payload, created_at)
        SELECT destination, id, 1, '[{"type":"take-stock","orderId":' || id || '}]', 0
        FROM generate_series(1, {{rows}}) AS id, unnest(ARRAY['{{string.Join("','", Destinations)}}']) AS destination
        """);

    private static Task EmptyAsync(string database) =>
        Eventually.TrueAsync(async () => await QueryAsync(database, "SELECT count(*) FROM outbox") is ["0"], 60);
}
