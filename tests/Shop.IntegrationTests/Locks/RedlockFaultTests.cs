using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.UnitTests.Support;
using Xunit.Abstractions;
using static Shop.IntegrationTests.Locks.LockConformance;
using static Shop.IntegrationTests.Locks.RedlockWorld;

namespace Shop.IntegrationTests.Locks;

/// <summary>Redlock while its nodes fail. Two may hold it where the paper's conditions are broken; the data takes no older token, whatever happens.</summary>
public sealed class RedlockFaultTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task With_a_majority_of_five_it_goes_on(int dead)
    {
        await using var world = await StartAsync(5);
        await LoseAsync(world, dead, freeze: false);
        var (ann, bob) = (await world.LocksAsync(away: dead), await world.LocksAsync(away: dead));

        await using (var held = await ann.TryAcquireAsync(Resource, Long, default))
        {
            Assert.True(held!.IsHeld);
            await AssertTakenAsync(bob, Resource);
        }

        await using var next = await bob.TryAcquireAsync(Resource, Long, default);
        Assert.NotNull(next);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public async Task Without_a_majority_of_five_it_refuses_and_leaves_no_key(int lost, bool freeze)
    {
        await using var world = await StartAsync(5, Long * 2);
        await LoseAsync(world, lost, freeze);
        var locks = await world.LocksAsync(away: lost);

        await Assert.ThrowsAsync<LockUnavailableException>(() => locks.TryAcquireAsync(Resource, TimeSpan.FromSeconds(2), default));

        foreach (var alive in world.Servers.Skip(lost))
        {
            Assert.False(await HasKeyAsync(alive));
        }
    }

    [Fact]
    public async Task Who_holds_it_when_the_majority_is_lost_is_told()
    {
        await using var world = await StartAsync(5, Short);
        var locks = await world.LocksAsync();
        await using var held = await locks.TryAcquireAsync(Resource, Long, default);

        await LoseAsync(world, 3, freeze: true);

        await LostAsync(held!.Lost);
        Assert.False(held.IsHeld);
    }

    [Fact]
    public async Task Nodes_that_come_back_with_their_data_keep_the_lock()
    {
        await using var world = await StartAsync(3);
        var locks = await world.LocksAsync();
        await using var held = await locks.TryAcquireAsync(Resource, Long, default);

        // One alone would show nothing: without it the other two are a majority that refuses.
        foreach (var server in world.Servers.Take(2))
        {
            await server.KillAsync();
            await server.StartAgainAsync();
        }

        await AssertTakenAsync(await world.LocksAsync(), Resource, TimeSpan.FromSeconds(1));
        Assert.True(held!.IsHeld);
    }

    // The paper's rule: such a node stays away for one time to live. This is what is lost where nobody keeps it.
    [Fact]
    public async Task A_node_that_comes_back_without_its_data_lets_two_in_and_the_data_takes_one()
    {
        await using var world = await StartAsync(3, Long * 2);
        await world.Arena.StartTokensAsync(Resource, 41);
        await world.Servers[2].KillAsync();
        var first = await world.FencedAsync(new ManualTimeProvider(), away: 1);
        await using var ann = await first.TryAcquireAsync(Resource, TimeSpan.Zero, default); // by nodes 0 and 1

        await world.Servers[1].KillAsync();
        await world.Servers[1].StartEmptyAsync();
        await world.Servers[2].StartAgainAsync();
        var second = await world.FencedAsync();
        await using var bob = await second.TryAcquireAsync(Resource, Long, default); // by nodes 1 and 2

        await AssertOneIsRefusedAsync(world, ann!, bob!);
    }

    [Fact]
    public async Task A_node_that_lost_its_data_and_stays_away_for_a_time_to_live_lets_nobody_in_too_early()
    {
        await using var world = await StartAsync(3, Short);
        var clock = new ManualTimeProvider();
        await world.Servers[2].KillAsync();
        var first = await world.LocksAsync(clock, away: 1);
        await using var ann = await first.TryAcquireAsync(Resource, TimeSpan.Zero, default);

        await world.Servers[1].KillAsync();
        await Eventually.TrueAsync(async () => !await HasKeyAsync(world.Servers[0])); // one time to live, by the clock of a node
        clock.Advance(Short);
        Assert.False(ann!.IsHeld);
        await world.Servers[1].StartEmptyAsync();
        await world.Servers[2].StartAgainAsync();

        world.TimeToLive = Long;
        var second = await world.LocksAsync();
        await using var bob = await second.TryAcquireAsync(Resource, Long, default);
        Assert.True(bob!.IsHeld);
    }

    [Fact]
    public async Task A_promoted_replica_without_the_key_lets_two_in_and_the_data_takes_one()
    {
        await using var world = await StartAsync(3, Long * 2);
        await world.Arena.StartTokensAsync(Resource, 41);
        var (primary, second, third) = (world.Servers[0], world.Servers[1], world.Servers[2]);
        var replica = await world.AddAsync(RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{primary.Port}"));
        await Eventually.TrueAsync(async () => $"{await AskAsync(replica, redis => redis.ExecuteAsync("INFO", "replication"))}".Contains("master_link_status:up", StringComparison.Ordinal));

        // Replication is asynchronous: what is granted while its link is broken is known to the primary alone.
        await AskAsync(replica, redis => redis.ExecuteAsync("REPLICAOF", "127.0.0.1", "1"));
        await third.KillAsync();
        var before = await world.FencedAsync(new ManualTimeProvider(), away: 1, primary, second, third);
        await using var ann = await before.TryAcquireAsync(Resource, TimeSpan.Zero, default);
        await primary.KillAsync();
        await AskAsync(replica, redis => redis.ExecuteAsync("REPLICAOF", "NO", "ONE"));
        await third.StartAgainAsync();

        var after = await world.FencedAsync(on: [replica, second, third]);
        await using var bob = await after.TryAcquireAsync(Resource, Long, default);

        await AssertOneIsRefusedAsync(world, ann!, bob!);
    }

    [Fact]
    public async Task What_ended_and_is_anothers_by_now_is_not_given_back()
    {
        await using var world = await StartAsync(3, Short);
        var first = await world.LocksAsync(new ManualTimeProvider());
        var ann = await first.TryAcquireAsync(Resource, TimeSpan.Zero, default);
        world.TimeToLive = Long;
        var second = await world.LocksAsync();
        await using var bob = await second.TryAcquireAsync(Resource, Long, default);

        await ann!.DisposeAsync();

        Assert.InRange(await world.KeysAsync(), 2, 3);
        await AssertTakenAsync(await world.LocksAsync(), Resource);
    }

    [Fact]
    public async Task The_wall_clock_of_a_holder_may_jump_its_own_clock_counts()
    {
        await using var world = await StartAsync(3);
        var clock = new ManualTimeProvider();
        var locks = await world.LocksAsync(clock);
        await using var held = await locks.TryAcquireAsync(Resource, TimeSpan.Zero, default);

        clock.SetUtcNow(clock.GetUtcNow().AddDays(1));
        Assert.True(held!.IsHeld);
        clock.SetUtcNow(clock.GetUtcNow().AddDays(-2));
        Assert.True(held.IsHeld);

        // The keys go, and nobody can extend them: when a time to live has passed on the clock that does not jump, it is over.
        await LoseAsync(world, 3, freeze: false);
        clock.Advance(world.TimeToLive * 0.95);
        Assert.True(held.IsHeld);
        clock.Advance(world.TimeToLive * 0.05);
        Assert.False(held.IsHeld);
        await LostAsync(held.Lost);
    }

    [Fact]
    public async Task Five_who_ask_at_once_and_split_the_nodes_all_get_it_in_turn()
    {
        await using var world = await StartAsync(5);
        var five = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => world.FencedAsync()));
        await Task.WhenAll(five.Select(locks => Task.Run(async () =>
        {
            await using var held = await locks.TryAcquireAsync(Resource, Long, default);
            using (await world.Arena.EnterAsync(held!))
            {
                await Task.Yield();
            }
        })));

        Assert.Equal(5, (await world.Arena.AcceptedAsync(Resource)).Count);
        Assert.Equal(0, await world.Arena.ViolationsAsync(Resource));
        output.WriteLine($"{world.Arena.Overlaps} overlaps, 0 violations");
    }

    private static async Task LoseAsync(RedlockWorld world, int count, bool freeze)
    {
        foreach (var server in world.Servers.Take(count))
        {
            await (freeze ? server.FreezeAsync() : server.KillAsync());
        }
    }

    private async Task AssertOneIsRefusedAsync(RedlockWorld world, FencedLock ann, FencedLock bob)
    {
        // Both believe to hold it, by their own clocks.
        ann.ThrowIfLost();
        bob.ThrowIfLost();
        using (await world.Arena.EnterAsync(bob))
        {
            var refused = await Assert.ThrowsAsync<FenceRejectedException>(() => world.Arena.EnterAsync(ann));
            Assert.Equal($"{Resource}: rejected 41 < 42", refused.Message);
        }

        Assert.Equal([42], await world.Arena.AcceptedAsync(Resource));
        output.WriteLine($"{world.Arena.Overlaps} overlaps, {await world.Arena.ViolationsAsync(Resource)} violations");
        Assert.Equal(1, world.Arena.Overlaps);
    }
}
