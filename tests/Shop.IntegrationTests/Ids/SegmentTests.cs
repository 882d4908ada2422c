using System.Diagnostics;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Ids.Segments;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Ids;

/// <summary>Numbers from segments of a real database: unique over processes and restarts, and there while the database is not.</summary>
[Collection(PostgresCollection.Name)]
public sealed class SegmentTests(PostgresFixture postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task Three_nodes_make_a_million_numbers_and_none_twice()
    {
        const int Each = 333_334;
        var database = await postgres.CreateDatabaseAsync();
        var nodes = await Task.WhenAll(Enumerable.Range(1, 3).Select(_ => SegmentNode.OnPostgresAsync(database)));

        var started = Stopwatch.GetTimestamp();
        var made = await Task.WhenAll(nodes.Select(node => Task.Run(() => TakeAsync(node.Numbers, Each))));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var steps = nodes.Select(node => node.Numbers.Step).ToList();
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        Assert.Equal(3 * Each, made.SelectMany(numbers => numbers).Distinct().Count());
        Assert.All(steps, step => Assert.True(step > 500, "the step has not grown"));
        var reached = await PostgresFixture.QueryAsync(database, "SELECT next - 1 FROM id_segments WHERE name = 'numbers'");
        output.WriteLine($"{3 * Each / seconds:N0} numbers a second, waits for segments included; {made.Max(numbers => numbers.Max()):N0} the highest, {reached[0]} given out, steps {string.Join(", ", steps)}");
    }

    [Fact]
    public async Task The_numbers_in_reserve_outlast_an_outage_of_the_database()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var node = await SegmentNode.OnPostgresAsync(database, ("Segments:MinStep", "1000"));
        await Eventually.TrueAsync(() => node.Numbers.Left == 2_000);
        var made = new List<long> { node.Numbers.Next() };

        await postgres.Cluster.PauseAsync("postgres");
        try
        {
            made.AddRange(Enumerable.Range(0, 1_999).Select(_ => node.Numbers.Next()));
            var refused = Assert.Throws<IdsUnavailableException>(() => node.Numbers.Next());
            Assert.Contains("'numbers'", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            await postgres.Cluster.ResumeAsync("postgres");
        }

        await Eventually.TrueAsync(() => node.Numbers.Left > 0, 60);
        made.AddRange(await TakeAsync(node.Numbers, 2_000));
        Assert.Equal(4_000, made.Distinct().Count());
    }

    [Fact]
    public async Task A_restart_leaves_a_gap_and_repeats_nothing()
    {
        using var directory = new TempDirectory();
        var path = Path.Combine(directory.Path, "numbers.db");
        var made = new List<long>();
        for (var life = 0; life < 3; life++)
        {
            await using var node = await SegmentNode.OnSqliteAsync(path, ("Segments:MinStep", "100"));
            await Eventually.TrueAsync(() => node.Numbers.Left == 200);
            made.AddRange(await TakeAsync(node.Numbers, 10));
        }

        Assert.Equal([.. Enumerable.Range(1, 10), .. Enumerable.Range(201, 10), .. Enumerable.Range(401, 10)], made.Select(number => (int)number));
    }

    private static async Task<List<long>> TakeAsync(SegmentIdGenerator numbers, int count)
    {
        var made = new List<long>(count);
        while (made.Count < count)
        {
            try
            {
                made.Add(numbers.Next());
            }
            catch (IdsUnavailableException)
            {
                await Task.Delay(1); // faster than the database gives them out
            }
        }

        return made;
    }
}
