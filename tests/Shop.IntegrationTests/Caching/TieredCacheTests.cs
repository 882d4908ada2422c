using Shop.BuildingBlocks.Caching;
using Shop.IntegrationTests.Sessions;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Caching;

/// <summary>The caches of several processes over one real Redis.</summary>
public sealed class TieredCacheTests : IAsyncLifetime
{
    private readonly List<CacheNode> _nodes = [];
    private RedisServer _redis = null!;

    public async Task InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Five_hundred_readers_in_three_processes_read_the_origin_once()
    {
        var origin = new Origin(cents: 100);
        var nodes = await StartAsync(3);
        origin.Held = () => Until.HoldsAsync(() => nodes.Sum(n => n.Cache.Counters[CacheEvent.Awaited]) == 2);

        var prices = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => nodes[i % 3].PriceAsync(origin))));

        Assert.All(prices, price => Assert.Equal(100, price));
        Assert.Equal(0, nodes.Sum(n => n.Cache.Counters[CacheEvent.Bypassed]));
        Assert.Equal(1, origin.Reads);
        Assert.Equal(1, nodes.Sum(n => n.Cache.Counters[CacheEvent.Loads]));
        Assert.Equal(2, nodes.Sum(n => n.Cache.Counters[CacheEvent.SharedHits]));
        Assert.Equal(500 - 3, nodes.Sum(n => n.Cache.Counters[CacheEvent.Joined] + n.Cache.Counters[CacheEvent.LocalHits]));
    }

    // A reading goes on for the others when he who asked is gone, so that there must be an end to how many there are.
    [Fact]
    public async Task Where_enough_is_being_read_a_further_reading_is_its_callers_own()
    {
        var options = CacheNode.Quick();
        options.MaxReadings = 1;
        var node = await StartAsync(options);
        var wake = new TaskCompletionSource();
        var slow = new Origin(cents: 100) { Held = () => wake.Task };
        var first = node.PriceAsync(slow);
        await Until.HoldsAsync(() => slow.Reads == 1);
        using var leaving = new CancellationTokenSource();
        var told = new TaskCompletionSource<CancellationToken>();

        var second = node.Cache.GetAsync("milk", async token =>
        {
            told.SetResult(token);
            await Task.Delay(Timeout.Infinite, token);
            return null;
        }, leaving.Token).AsTask();
        await told.Task;
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(70, await node.PriceAsync(new Origin(cents: 70), "milk").WaitAsync(TimeSpan.FromSeconds(30)));
        wake.SetResult();
        Assert.Equal(100, await first);
        Assert.Equal(70, await node.PriceAsync(new Origin(cents: 70), "milk"));
        Assert.Equal(2, node.Cache.Counters[CacheEvent.Bypassed]);
    }

    // The reader has the old price in its hand and sleeps; meanwhile the price changes, and everybody else knows.
    [Theory]
    [InlineData(10_000)]
    [InlineData(100)] // its lease runs out as well
    public async Task A_reader_that_was_paused_brings_back_nothing(int leaseMilliseconds)
    {
        var options = CacheNode.Quick();
        options.LeaseTime = TimeSpan.FromMilliseconds(leaseMilliseconds);
        var origin = new Origin(cents: 100);
        var (paused, other) = (await StartAsync(options), await StartAsync(options));
        var (asleep, wake) = (new TaskCompletionSource(), new TaskCompletionSource());
        origin.Held = () =>
        {
            asleep.SetResult();
            origin.Held = () => Task.CompletedTask;
            return wake.Task;
        };

        var late = Task.Run(() => paused.PriceAsync(origin));
        await asleep.Task;
        origin.Set(200);
        await other.Shared.InvalidateAsync("prices", "tea", origin.Version);
        await Until.HoldsAsync(() => other.Cache.Counters[CacheEvent.Invalidated] > 0 && paused.Cache.Counters[CacheEvent.Invalidated] > 0);
        Assert.Equal(200, await other.PriceAsync(origin));
        wake.SetResult();

        Assert.Equal(200, await late);
        Assert.Equal(200, await paused.PriceAsync(origin));
        var reads = origin.Reads;
        Assert.Equal(200, await (await StartAsync(options)).PriceAsync(origin));
        Assert.Equal(reads, origin.Reads); // Redis has it
        Assert.True(paused.Cache.Counters[CacheEvent.RefusedByLease] >= 1);
    }

    [Fact]
    public async Task What_a_lagging_copy_says_is_not_kept()
    {
        var origin = new Origin(cents: 100);
        var node = await StartAsync();
        await node.Shared.InvalidateAsync("prices", "tea", 2);
        await Until.HoldsAsync(() => node.Cache.Counters[CacheEvent.Invalidated] > 0);

        Assert.Equal(100, await node.PriceAsync(origin)); // better an old page than none
        Assert.True(node.Cache.Counters[CacheEvent.RefusedByVersion] >= 1);
        Assert.True(node.Cache.Counters[CacheEvent.RefusedLocally] >= 1);

        origin.Set(200);
        Assert.Equal(200, await node.PriceAsync(origin));
        Assert.Equal(200, await (await StartAsync()).PriceAsync(new Origin()));
    }

    [Fact]
    public async Task Word_of_a_change_drops_it_in_every_process()
    {
        var origin = new Origin(cents: 100);
        var nodes = await StartAsync(3);
        foreach (var node in nodes)
        {
            Assert.Equal(100, await node.PriceAsync(origin));
        }

        origin.Set(200);
        Assert.Equal(100, await nodes[2].PriceAsync(origin)); // nobody was told
        await nodes[0].Shared.InvalidateAsync("prices", "tea", origin.Version);

        foreach (var node in nodes)
        {
            await Until.HoldsAsync(async () => await node.PriceAsync(origin) == 200);
        }

        Assert.Equal(2, origin.Reads);
    }

    [Fact]
    public async Task When_the_one_that_reads_has_died_another_one_reads()
    {
        var options = CacheNode.Quick();
        var origin = new Origin(cents: 100);
        var (dead, node) = (await StartAsync(options), await StartAsync(options));
        Assert.IsType<SharedLease>(await dead.Shared.OpenAsync<Price>("prices", "tea", SharedLevel.NewOwner(), options.LeaseTime));

        var reading = Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => node.PriceAsync(origin))));
        await Until.HoldsAsync(() => node.Cache.Counters[CacheEvent.Awaited] == 1);
        Assert.Equal(0, origin.Reads);
        await using var redis = RedisFixture.ConnectTo(_redis);
        await redis.ExecuteAsync(database => database.KeyDeleteAsync("shop:lease:prices:tea"), default); // its time is over

        Assert.All(await reading, price => Assert.Equal(100, price));
        Assert.Equal(1, origin.Reads);
        Assert.Equal(1, node.Cache.Counters[CacheEvent.Awaited]);
    }

    [Fact]
    public async Task A_reading_that_fails_is_everybodys_failure_and_the_next_one_does_not_wait()
    {
        var options = CacheNode.Quick();
        var origin = new Origin(cents: 100) { Held = () => throw new InvalidOperationException("The database is away.") };
        var node = await StartAsync(options);

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.PriceAsync(origin));
        origin.Held = () => Task.CompletedTask;

        Assert.Equal(100, await node.PriceAsync(origin));
        Assert.Equal(0, node.Cache.Counters[CacheEvent.Awaited]);
    }

    [Fact]
    public async Task What_was_not_there_is_found_when_it_is_made()
    {
        var origin = new Origin();
        var nodes = await StartAsync(2);
        foreach (var node in nodes)
        {
            Assert.Null(await node.PriceAsync(origin));
            Assert.Null(await node.PriceAsync(origin));
            Assert.Equal(1, node.Cache.Counters[CacheEvent.NegativeHits]);
        }

        Assert.Equal(2, origin.Reads);
        origin.Set(100);
        await nodes[0].Shared.InvalidateAsync("prices", "tea", origin.Version);

        foreach (var node in nodes)
        {
            await Until.HoldsAsync(async () => await node.PriceAsync(origin) == 100);
        }
    }

    [Fact]
    public async Task Asking_for_what_does_not_exist_fills_neither_memory_nor_Redis()
    {
        var options = CacheNode.Quick();
        options.MaxEntries = 100;
        var node = await StartAsync(options);

        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(await node.PriceAsync(new Origin(), $"unicorn-{i}"));
        }

        Assert.InRange(node.Cache.Count, 1, 100);
        Assert.True(node.Cache.Counters[CacheEvent.Evicted] >= 900);
        await using var redis = RedisFixture.ConnectTo(_redis);
        var keys = (string[])(await redis.ExecuteAsync(database => database.ExecuteAsync("KEYS", "shop:*unicorn*"), default))!;
        Assert.Empty(keys);
    }

    [Fact]
    public async Task Without_Redis_each_process_reads_once_and_nobody_sees_an_error()
    {
        var origin = new Origin(cents: 100) { Held = () => Task.Delay(50) };
        var node = await StartAsync();
        await _redis.KillAsync();

        var prices = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => node.PriceAsync(origin))));

        Assert.All(prices, price => Assert.Equal(100, price));
        Assert.Equal(1, origin.Reads);
        Assert.Equal(1, node.Cache.Counters[CacheEvent.Bypassed]);
    }

    [Fact]
    public async Task Who_does_not_hear_of_changes_keeps_nothing_for_long_and_catches_up_without_a_gap()
    {
        var options = CacheNode.Quick();
        (options.LocalLifetime, options.AloneLifetime) = (TimeSpan.FromMinutes(10), TimeSpan.Zero);
        var origin = new Origin(cents: 100);
        var node = await StartAsync(options);
        Assert.Equal(100, await node.PriceAsync(origin));
        Assert.Equal(100, await node.PriceAsync(origin));
        Assert.Equal(1, origin.Reads);

        await _redis.KillAsync();
        await Until.HoldsAsync(() => !node.Feed.HearsOfChanges);
        origin.Set(200);
        Assert.Equal(200, await node.PriceAsync(origin));

        var cleared = node.Cache.Counters[CacheEvent.Cleared];
        await _redis.StartAgainAsync();
        await Until.HoldsAsync(() => node.Feed.HearsOfChanges);
        Assert.Equal(cleared, node.Cache.Counters[CacheEvent.Cleared]); // its log was still there: nothing was missed
    }

    // Redis publishes to nobody who is away: what was recorded meanwhile is found by its number.
    [Fact]
    public async Task What_was_recorded_while_nobody_listened_is_applied_when_somebody_looks_again()
    {
        var options = CacheNode.Quick();
        options.FeedInterval = TimeSpan.FromMilliseconds(500);
        var origin = new Origin(cents: 100);
        var (node, other) = (await StartAsync(options), await StartAsync(options));
        Assert.Equal(100, await node.PriceAsync(origin));
        await using var redis = RedisFixture.ConnectTo(_redis);
        await redis.ExecuteAsync(database => database.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub"), default);

        origin.Set(200);
        await other.Shared.InvalidateAsync("prices", "tea", origin.Version);

        await Until.HoldsAsync(async () => await node.PriceAsync(origin) == 200);
        await node.Shared.InvalidateAsync("prices", "tea", 3);
        await Until.HoldsAsync(() => other.Feed.Seen == 2);
    }

    [Fact]
    public async Task A_Redis_that_has_lost_its_memory_is_noticed()
    {
        var node = await StartAsync();
        await node.Shared.InvalidateAsync("prices", "milk", 2);
        await Until.HoldsAsync(() => node.Feed.Seen == 1);
        var cleared = node.Cache.Counters[CacheEvent.Cleared];

        await using var redis = RedisFixture.ConnectTo(_redis);
        await redis.ExecuteAsync(database => database.ExecuteAsync("FLUSHALL"), default);

        await Until.HoldsAsync(() => node.Cache.Counters[CacheEvent.Cleared] > cleared);
        await Until.HoldsAsync(() => node.Feed.Seen == 0);
    }

    [Fact]
    public async Task More_changes_than_the_log_holds_make_everything_be_forgotten()
    {
        var options = CacheNode.Quick();
        options.FeedInterval = TimeSpan.FromMinutes(1);
        var (node, other) = (new CacheNode(_redis, options), await StartAsync(options));
        _nodes.Add(node);
        for (var i = 1; i <= 1100; i++)
        {
            await other.Shared.InvalidateAsync("prices", $"sku-{i}", 1);
        }

        var missed = await node.Shared.ChangesAsync("feed", seen: 50);

        Assert.Equal((1100, 1000), (missed.Last, missed.Records.Count)); // not the 1050 that there were, which tells the reader
    }

    [Theory]
    [InlineData("tea")]
    [InlineData(null)]
    public async Task An_operator_makes_it_be_read_anew_everywhere(string? key)
    {
        var origin = new Origin(cents: 100);
        var nodes = await StartAsync(2);
        await nodes[0].PriceAsync(origin);
        await nodes[1].PriceAsync(origin);
        var renamed = new Origin(cents: 999); // changed past the shop, under the same version

        await (key is null ? nodes[0].Shared.DropAllAsync("prices") : nodes[0].Shared.DropAsync("prices", key));

        foreach (var node in nodes)
        {
            await Until.HoldsAsync(async () => await node.PriceAsync(renamed) == 999);
        }

        Assert.Equal(1, renamed.Reads);
    }

    [Fact]
    public async Task What_is_no_value_in_Redis_is_read_past()
    {
        var origin = new Origin(cents: 100);
        var node = await StartAsync();
        await using var redis = RedisFixture.ConnectTo(_redis);
        await redis.ExecuteAsync(database => database.ExecuteAsync("HSET", "shop:cache:prices:tea", "version", "1", "data", "{nonsense"), default);

        Assert.Equal(100, await node.PriceAsync(origin));
        Assert.Equal(1, node.Cache.Counters[CacheEvent.Unreadable]);
    }

    private async Task<CacheNode> StartAsync(CacheOptions? options = null)
    {
        var node = await CacheNode.StartAsync(_redis, options);
        _nodes.Add(node);
        return node;
    }

    private async Task<List<CacheNode>> StartAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await StartAsync();
        }

        return _nodes;
    }
}
