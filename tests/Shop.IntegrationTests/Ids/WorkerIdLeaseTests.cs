using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Shop.BuildingBlocks.Ids;
using Shop.IntegrationTests.Discovery;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Ids;

/// <summary>Worker ids from a real Consul, while processes die, are cut off and are paused, and clocks go wrong. Whatever happens: no id twice.</summary>
public sealed class WorkerIdLeaseTests(ITestOutputHelper output) : IAsyncLifetime
{
    private ConsulProcess _consul = null!;

    public async Task InitializeAsync() => _consul = await ConsulProcess.StartAsync();

    public async Task DisposeAsync() => await _consul.DisposeAsync();

    [Fact]
    public async Task Processes_that_start_at_once_get_a_worker_id_each()
    {
        var processes = await Task.WhenAll(Enumerable.Range(1, 6).Select(n => IdProcess.StartWithIdAsync(_consul, $"maker-{n}")));

        var started = Stopwatch.GetTimestamp();
        const int Each = 200_000;
        var made = await Task.WhenAll(processes.Select(p => Task.Run(() => p.Take(Each))));
        output.WriteLine($"{processes.Length * Each / Stopwatch.GetElapsedTime(started).TotalSeconds:N0} leased ids a second, of {processes.Length} processes in one");

        Assert.Equal(processes.Length, made.Select(ids => SnowflakeId.Decode(ids[0]).Worker).Distinct().Count());
        AssertUnique(made.SelectMany(ids => ids));
        foreach (var process in processes)
        {
            Assert.True(await process.IsReadyAsync());
            await process.DisposeAsync();
        }

        Assert.All(await _consul.KeysAsync(WorkerIdLease.Prefix), key => Assert.Null(key!["Session"]));
    }

    [Fact]
    public async Task Of_two_that_want_the_last_worker_id_one_waits_until_it_is_given_back()
    {
        await using var first = await IdProcess.StartWithIdAsync(_consul, "maker-1", workers: 1);
        await using var second = await IdProcess.StartAsync(_consul, "maker-2", workers: 1);
        var before = first.Take(10_000);

        await Eventually.TrueAsync(() => second.Obstacle == "All worker ids from 500 to 500 are leased to other processes.");
        Assert.False(await second.IsReadyAsync());
        Assert.Throws<IdsUnavailableException>(() => second.Ids.Next());

        await first.StopAsync();
        await Eventually.TrueAsync(() => second.Obstacle is null);

        Assert.True(await second.IsReadyAsync());
        var after = second.Take(10_000);
        Assert.True(after[0] > before[^1]);
        Assert.Equal(500, SnowflakeId.Decode(after[0]).Worker);
        Assert.Throws<IdsUnavailableException>(() => first.Ids.Next());
    }

    [Fact]
    public async Task A_start_without_Consul_is_not_ready_and_goes_on_trying()
    {
        await using var consul = ConsulProcess.NotStarted();
        await using var process = await IdProcess.StartAsync(consul, "maker-1");

        Assert.False(await process.IsReadyAsync());
        Assert.Throws<IdsUnavailableException>(() => process.Ids.Next());

        await consul.UpAsync();
        await process.LookForConsulAsync();
        await Eventually.TrueAsync(process.IsReadyAsync);
        Assert.True(process.Ids.Next() > 0);
    }

    [Fact]
    public async Task A_process_that_is_cut_off_stops_before_another_one_gets_its_worker_id_and_goes_on_with_one_that_is_free()
    {
        await using var first = await IdProcess.StartWithIdAsync(_consul, "maker-1", workers: 1, timeToLive: IdProcess.ShortLease);
        await using var second = await IdProcess.StartAsync(_consul, "maker-2", workers: 1);
        using var stop = new CancellationTokenSource();
        var madeByFirst = first.MakeAsync(stop.Token);
        var madeBySecond = second.MakeAsync(stop.Token);
        var started = Stopwatch.GetTimestamp();

        first.CutFromConsul();
        TimeSpan? stopped = null;
        await Eventually.TrueAsync(() =>
        {
            // In this order: were both to have it at one moment, this would see it.
            var (other, mine) = (second.Obstacle, first.Obstacle);
            Assert.False(other is null && mine is null, "two have the worker id at once");
            stopped ??= mine is not null ? Stopwatch.GetElapsedTime(started) : null;
            return other is null;
        });
        output.WriteLine($"cut off: stopped after {stopped!.Value.TotalSeconds:F1} s, the id was leased to another after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        Assert.NotNull(first.Obstacle);
        Assert.False(await first.IsReadyAsync());

        // Connected again it finds no id free, until there is one.
        first.Reconnect();
        await Eventually.TrueAsync(() => first.Obstacle?.StartsWith("All worker ids", StringComparison.Ordinal) is true);
        await second.StopAsync();
        await Eventually.TrueAsync(() => first.Obstacle is null);
        await stop.CancelAsync();

        var (one, other) = (await madeByFirst, await madeBySecond);
        Assert.NotEmpty(other);
        AssertUnique(one.Concat(other));
    }

    [Fact]
    public async Task A_process_that_was_paused_past_its_lease_makes_no_id_before_it_has_asked()
    {
        await using var process = await IdProcess.StartWithIdAsync(_consul, "maker-1");
        var before = process.Take(1_000);

        process.CutFromConsul(); // so that it cannot have asked
        process.Clock.Pass(IdProcess.LongLease);
        Assert.Throws<IdsUnavailableException>(() => process.Ids.Next());
        Assert.False(await process.IsReadyAsync());

        process.Reconnect();
        await Eventually.TrueAsync(process.IsReadyAsync);
        AssertUnique(before.Concat(process.Take(1_000)));
    }

    [Fact]
    public async Task A_session_that_Consul_has_ended_is_replaced_and_ids_go_on_rising()
    {
        await using var process = await IdProcess.StartWithIdAsync(_consul, "maker-1");
        var before = process.Take(1_000);
        var key = Assert.Single(await _consul.KeysAsync(WorkerIdLease.Prefix))!;

        await _consul.PutAsync($"session/destroy/{key["Session"]}");
        await Eventually.TrueAsync(async () =>
            (await _consul.KeysAsync(WorkerIdLease.Prefix)).Any(k => k!["Session"] is { } session && $"{session}" != $"{key["Session"]}"));
        await Eventually.TrueAsync(() => process.Obstacle is null);

        Assert.True(process.Ids.Next() > before[^1]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(3_000)]
    public async Task A_clock_that_went_back_over_a_restart_makes_no_id_again(int milliseconds)
    {
        var first = await IdProcess.StartWithIdAsync(_consul, "maker-1", workers: 1);
        var before = first.Take(50_000);
        await first.DisposeAsync();

        await using var second = await IdProcess.StartWithIdAsync(_consul, "maker-1", workers: 1, offset: -TimeSpan.FromMilliseconds(milliseconds));
        var after = second.Take(50_000);

        Assert.True(after[0] > before[^1]);
        Assert.Equal(SnowflakeId.Decode(before[0]).Worker, SnowflakeId.Decode(after[0]).Worker);
    }

    [Fact]
    public async Task A_clock_that_went_back_by_an_hour_costs_another_worker_id_and_no_time()
    {
        var first = await IdProcess.StartWithIdAsync(_consul, "maker-1");
        var before = first.Take(10_000);
        await first.DisposeAsync();

        await using var second = await IdProcess.StartWithIdAsync(_consul, "maker-1", offset: -TimeSpan.FromHours(1));
        var after = second.Take(10_000);

        AssertUnique(before.Concat(after));
        Assert.NotEqual(SnowflakeId.Decode(before[0]).Worker, SnowflakeId.Decode(after[0]).Worker);
    }

    [Fact]
    public async Task A_clock_that_jumps_forward_is_believed_once_that_is_stored()
    {
        await using var process = await IdProcess.StartWithIdAsync(_consul, "maker-1");
        process.Take(1_000);

        process.CutFromConsul();
        process.Clock.Offset = TimeSpan.FromHours(1);
        Assert.Throws<IdsUnavailableException>(() => process.Ids.Next());

        process.Reconnect();
        await Eventually.TrueAsync(() => process.Obstacle is null);
        var newest = process.Take(1)[0];
        var stored = Assert.Single(await _consul.KeysAsync(WorkerIdLease.Prefix))!["Value"]!.GetValue<string>();
        var until = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(stored)))!["Until"]!.GetValue<long>();
        Assert.True(SnowflakeId.Decode(newest).Time < SnowflakeId.Epoch.AddMilliseconds(until));
    }

    [Fact]
    public async Task Killed_and_started_again_twenty_times_it_makes_no_id_twice_wherever_its_clock_stands()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        output.WriteLine($"seed {seed}");
        var made = new List<long>();
        for (var life = 0; life < 20; life++)
        {
            var process = await IdProcess.StartWithIdAsync(_consul, "maker-1", offset: TimeSpan.FromMilliseconds(random.Next(-5_000, 5_000)));
            made.AddRange(process.Take(5_000));
            await process.DieAsync();
        }

        AssertUnique(made);
        output.WriteLine($"{made.Select(id => SnowflakeId.Decode(id).Worker).Distinct().Count()} worker ids in 20 lives");
    }

    private static void AssertUnique(IEnumerable<long> ids)
    {
        var all = ids.ToArray();
        Array.Sort(all);
        for (var i = 1; i < all.Length; i++)
        {
            Assert.True(all[i - 1] != all[i], $"{all[i]} was made twice");
        }
    }
}
