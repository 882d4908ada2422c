using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.BuildingBlocks.Sessions;
using Shop.IntegrationTests.Support;
using Shop.UnitTests.Support;
using StackExchange.Redis;

namespace Shop.IntegrationTests.Sessions;

public sealed class RedisSessionStoreTests : SessionStoreConformance, IClassFixture<RedisFixture>
{
    private readonly RedisFixture _redis;

    public RedisSessionStoreTests(RedisFixture redis)
    {
        _redis = redis;
        Store = new RedisSessionStore(redis.Connection, Microsoft.Extensions.Options.Options.Create(Options), Clock);
    }

    protected override ISessionStore Store { get; }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_operations_have_the_same_results_as_in_process(int seed)
    {
        var random = new Random(seed);
        var options = Microsoft.Extensions.Options.Options.Create(Options);
        ISessionStore[] stores = [Store, new InProcessSessionStore(options, Clock)];
        var keys = new List<SessionKey>();
        Cart? ordered = null;

        for (var i = 0; i < 500; i++)
        {
            var operation = keys.Count == 0 ? 0 : random.Next(12);
            var key = operation == 0 ? SessionKey.New().Key : keys[random.Next(keys.Count)];
            var (sku, quantity, customer) = ($"sku-{random.Next(6)}", random.Next(1, 5), (seed * 1000L) + random.Next(3) + 1_000_000);
            var expected = random.Next(3) == 0 ? (await stores[1].GetCartAsync(key, default))?.Version - random.Next(2) : null;
            var orderedNow = ordered;
            var session = Session.Start(customer, "ann", Options, Clock.GetUtcNow());
            Clock.Advance(TimeSpan.FromSeconds(random.Next(60)));

            var results = new List<string>();
            foreach (var store in stores)
            {
                var result = operation switch
                {
                    0 => await Done(store.CreateAsync(key, session, default)),
                    1 => $"{await store.TouchAsync(key, default)}",
                    2 => $"{await store.FindAsync(key, default)}",
                    3 => Describe(await store.RemoveItemAsync(key, sku, expected, default)),
                    4 when quantity == 1 => await Done(store.DeleteAsync(key, default)),
                    5 when quantity == 1 => await Done(store.DeleteAllAsync(customer, default)),
                    6 when orderedNow is not null => await Done(store.RemoveOrderedAsync(key, orderedNow, default).AsTask()),
                    7 => Describe(ordered = await store.GetCartAsync(key, default)),
                    _ => Describe(await store.PutItemAsync(key, new CartItem(sku, quantity), expected, default)),
                };
                results.Add($"{result}, then {Describe(await store.GetCartAsync(key, default))}");
            }

            Assert.True(results[0] == results[1], $"seed {seed}, step {i}, operation {operation}: {results[0]} | {results[1]}");
            if (operation == 0)
            {
                keys.Add(key);
            }
        }

        static async Task<string> Done(Task task)
        {
            await task;
            return "done";
        }

        static string Describe(object? result) => result switch
        {
            CartChange change => $"{change.Outcome} {Describe(change.Cart)}",
            Cart cart => $"{cart.Version} {string.Join(", ", cart.Items)}",
            _ => "none",
        };
    }

    [Fact]
    public async Task Nothing_stays_in_Redis_for_ever()
    {
        var customer = 777_777;
        var key = await LogInAsync(customer);
        await PutAsync(key, "tea", 1);
        Clock.Advance(TimeSpan.FromMinutes(10));
        await Store.TouchAsync(key, default);
        await Store.DeleteAsync(await LogInAsync(customer), default);
        await Store.DeleteAllAsync(customer, default);
        await LogInAsync(customer);

        var keys = (RedisKey[])(await _redis.Connection.ExecuteAsync(redis => redis.ExecuteAsync("KEYS", "*"), default))!;

        Assert.NotEmpty(keys);
        foreach (var each in keys)
        {
            var left = await _redis.Connection.ExecuteAsync(redis => redis.KeyTimeToLiveAsync(each), default);
            Assert.InRange(left ?? TimeSpan.MaxValue, TimeSpan.Zero, Options.AbsoluteTimeout);
        }
    }

    [Fact]
    public async Task A_session_that_slides_lives_longer_in_Redis_too()
    {
        Options.IdleTimeout = TimeSpan.FromSeconds(30);
        var key = await LogInAsync();
        Clock.Advance(TimeSpan.FromSeconds(29.999));

        Options.IdleTimeout = TimeSpan.FromMinutes(2);
        await Store.TouchAsync(key, default);

        // The server's clock is its own: by that the key had thirty seconds at first.
        var left = await _redis.Connection.ExecuteAsync(redis => redis.KeyTimeToLiveAsync($"shop:session:{key}"), default);
        Assert.InRange(left ?? TimeSpan.Zero, TimeSpan.FromSeconds(31), Options.IdleTimeout);
    }

    [Fact]
    public async Task Reading_writes_nothing()
    {
        var key = await LogInAsync();
        await PutAsync(key, "tea", 1);
        var before = await WritesAsync();

        for (var i = 0; i < 20; i++)
        {
            await Store.FindAsync(key, default);
            await Store.GetCartAsync(key, default);
        }

        Assert.Equal(before, await WritesAsync());

        async Task<long> WritesAsync() =>
            await _redis.CallsAsync("hset") + await _redis.CallsAsync("hincrby") + await _redis.CallsAsync("pexpire") + await _redis.CallsAsync("set");
    }

    [Fact]
    public async Task A_server_that_forgot_the_scripts_gets_them_again()
    {
        var key = await LogInAsync();
        await _redis.Connection.ExecuteAsync(redis => redis.ExecuteAsync("SCRIPT", "FLUSH"), default);

        var changes = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => PutAsync(key, $"sku-{i}", 1)));

        Assert.All(changes, change => Assert.Equal(CartOutcome.Changed, change.Outcome));
        Assert.Equal(10, (await Store.GetCartAsync(key, default))!.Items.Count);
    }

    [Fact]
    public async Task A_lost_login_key_means_logged_out_and_not_logged_in_again()
    {
        var key = await LogInAsync(888_888);
        await Store.DeleteAllAsync(888_888, default);
        var next = await LogInAsync(888_888);
        await _redis.Connection.ExecuteAsync(redis => redis.KeyDeleteAsync("shop:customer:888888"), default); // as an eviction would

        Assert.Null(await Store.FindAsync(next, default));
        await LogInAsync(888_888);
        Assert.Null(await Store.FindAsync(next, default));
        Assert.Null(await Store.FindAsync(key, default));
    }

    [Fact]
    public async Task A_full_Redis_forgets_old_sessions_and_takes_new_ones()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "4mb", "--maxmemory-policy", "volatile-ttl", "--appendonly", "no");
        await using var connection = RedisFixture.ConnectTo(server);
        var store = new RedisSessionStore(connection, Microsoft.Extensions.Options.Options.Create(Options), Clock);

        var keys = new List<SessionKey>();
        for (var i = 0; i < 100; i++)
        {
            var batch = Enumerable.Range(0, 100).Select(n => (SessionKey.New().Key, Customer: (i * 100L) + n)).ToList();
            await Task.WhenAll(batch.Select(
                login => store.CreateAsync(login.Key, Session.Start(login.Customer, "ann", Options, Clock.GetUtcNow()), default)));
            keys.AddRange(batch.Select(login => login.Key));
        }

        var alive = 0;
        foreach (var key in keys)
        {
            alive += await store.FindAsync(key, default) is null ? 0 : 1;
        }

        Assert.InRange(alive, 1000, keys.Count - 1000);
    }

    [Fact]
    public async Task A_full_Redis_that_may_forget_nothing_refuses_logins_as_unavailable()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "1mb", "--maxmemory-policy", "noeviction");
        await using var connection = RedisFixture.ConnectTo(server);
        var store = new RedisSessionStore(connection, Microsoft.Extensions.Options.Options.Create(Options), Clock);

        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(
            () => store.CreateAsync(SessionKey.New().Key, Session.Start(1, "ann", Options, Clock.GetUtcNow()), default));

        Assert.StartsWith("OOM", refused.Message, StringComparison.Ordinal);
    }
}
