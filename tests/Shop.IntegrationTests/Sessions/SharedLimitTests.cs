using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Shop.BuildingBlocks.Redis;
using Shop.Gateway.Limits;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.UnitTests.Support;

namespace Shop.IntegrationTests.Sessions;

/// <summary>Quotas that hold over both gateways together, and for each by itself while Redis is away.</summary>
public sealed partial class SharedLimitTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private static readonly QuotaOptions FiveHundred = new(500, TimeSpan.FromHours(1));

    private readonly string _partition = Guid.NewGuid().ToString();

    [Fact]
    public async Task Two_gateways_together_grant_a_session_its_quota_and_say_what_is_left()
    {
        await using var server = await RedisServer.StartAsync();
        await using var gateways = await GatewayPair.StartAsync(server, ("Limits:Session:Permits", "40"), ("Limits:Session:Window", "01:00:00"));
        var (first, second) = await gateways.CustomerAsync();

        var replies = new List<Reply>();
        for (var i = 0; i < 60; i++)
        {
            replies.Add(await (i % 2 == 0 ? first : second).GetAsync("/api/v1/session"));
        }

        var granted = replies.Where(reply => reply.Status is HttpStatusCode.OK).ToList();
        Assert.Equal(40, granted.Count);
        Assert.All(replies.Except(granted), reply => Assert.Equal((HttpStatusCode.TooManyRequests, "quota-exceeded"), (reply.Status, reply.Code)));

        Assert.All(replies, reply => Assert.Equal("\"session\";q=40;w=3600", reply.Header("RateLimit-Policy")));
        Assert.All(replies, reply => Assert.InRange(State(reply).Reset, 3500, 3600));
        Assert.Equal(39, State(replies[0]).Left);

        // Each gateway holds two permits at most, of which the other does not know whether they are used.
        Assert.All(granted, (reply, index) => Assert.InRange(State(reply).Left, 39 - index - 2, 39 - index + 2));
        Assert.Equal(0, State(replies[^1]).Left);
        Assert.InRange(int.Parse(replies[^1].Header("Retry-After")!, CultureInfo.InvariantCulture), 3500, 3600);
    }

    [Fact]
    public async Task Logins_with_one_name_are_counted_over_both_gateways()
    {
        await using var server = await RedisServer.StartAsync();
        await using var gateways = await GatewayPair.StartAsync(server, ("Limits:LoginName:Permits", "10"), ("Limits:LoginName:Window", "01:00:00"));
        using ShopClient first = new(gateways.First), second = new(gateways.Second);

        var replies = new List<Reply>();
        for (var i = 0; i < 20; i++)
        {
            replies.Add(await (i % 2 == 0 ? first : second).PostAsync("/api/v1/session", new { name = "c-1", password = "correct horse" }));
        }

        Assert.Equal(10, replies.Count(reply => reply.Status is HttpStatusCode.Created));
        Assert.Equal(10, replies.Count(reply => reply.Code is "quota-exceeded"));
    }

    [Fact]
    public async Task While_Redis_is_away_each_gateway_counts_for_itself_and_together_again_afterwards()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "no");
        await using var gateways = await GatewayPair.StartAsync(server, ("Limits:Anonymous:Permits", "10"), ("Limits:Anonymous:Window", "01:00:00"));
        using ShopClient first = new(gateways.First), second = new(gateways.Second);

        await server.KillAsync();
        Assert.Equal(20, await GrantedAsync(first, second)); // gateways x quota

        await server.StartAgainAsync(); // it has forgotten everything: a new window of all gateways together
        await Eventually.TrueAsync(async () => (await first.GetAsync("/api/v1/products/tea")).Status is HttpStatusCode.OK);

        Assert.InRange(await GrantedAsync(first, second), 1, 9); // one was granted above; how many more each gateway waited for, the clock knows
    }

    [Fact]
    public async Task Four_gateways_under_parallel_load_never_grant_more_than_the_quota()
    {
        SharedPermits[] gateways = [Gateway(), Gateway(), Gateway(), Gateway()];

        var granted = await GrantedInParallelAsync(gateways, requests: 2000);

        Assert.InRange(granted, 500 - (3 * 25), 500);
    }

    [Fact]
    public async Task A_gateway_alone_grants_the_whole_quota_with_few_visits_to_Redis()
    {
        SharedPermits[] gateway = [Gateway()];
        var before = await redis.CallsAsync("evalsha");

        Assert.Equal(500, await GrantedInParallelAsync(gateway, requests: 2000));

        // 1 + 2 + 4 + 8 + 16, then 25 at a time; the 1500 that are refused cost none.
        Assert.InRange(await redis.CallsAsync("evalsha") - before, 1, 30);
    }

    [Fact]
    public async Task A_new_window_has_all_permits_again()
    {
        var window = TimeSpan.FromSeconds(5);
        using var gateway = Gateway(new QuotaOptions(3, window));
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await gateway.TakeAsync(_partition, default)).IsGranted);
        }

        var refused = await gateway.TakeAsync(_partition, default);
        Assert.False(refused.IsGranted);
        Assert.InRange(refused.Reset, TimeSpan.FromTicks(1), window);

        // Redis ends the window by its own clock, later than the answer says by as long as the first visit took.
        await Task.Delay(refused.Reset);
        Permit next = default;
        await Eventually.TrueAsync(async () => (next = await gateway.TakeAsync(_partition, default)).IsGranted);
        Assert.Equal(2, next.Left);
    }

    [Fact]
    public async Task Permits_that_were_taken_in_one_window_are_not_used_in_the_next()
    {
        var clock = new ManualTimeProvider();
        using var gateway = Gateway(FiveHundred, clock);
        var other = Guid.NewGuid().ToString();
        foreach (var partition in new[] { _partition, other })
        {
            for (var i = 0; i < 4; i++)
            {
                await gateway.TakeAsync(partition, default); // 1, then 2, then 4: three of them are still here
            }
        }

        var before = await redis.CallsAsync("evalsha");
        await gateway.TakeAsync(_partition, default);
        Assert.Equal(before, await redis.CallsAsync("evalsha"));

        clock.Advance(FiveHundred.Window);
        await gateway.TakeAsync(other, default);
        Assert.Equal(before + 1, await redis.CallsAsync("evalsha"));
    }

    [Fact]
    public async Task Who_is_counted_in_Redis_is_a_key_and_nothing_else()
    {
        using var gateway = Gateway(new QuotaOptions(1, TimeSpan.FromHours(1)));
        var odd = $"{_partition}\r\nDEL *\0' .. redis.call('FLUSHALL')";

        Assert.True((await gateway.TakeAsync(odd, default)).IsGranted);
        Assert.False((await gateway.TakeAsync(odd, default)).IsGranted);
        Assert.True((await gateway.TakeAsync(_partition, default)).IsGranted);
    }

    private SharedPermits Gateway() => Gateway(FiveHundred);

    private SharedPermits Gateway(QuotaOptions quota, TimeProvider? time = null) =>
        new("session", quota, new NoPermits(), redis.Connection, time ?? TimeProvider.System);

    private async Task<int> GrantedInParallelAsync(SharedPermits[] gateways, int requests)
    {
        var permits = await Task.WhenAll(Enumerable.Range(0, requests).Select(i =>
            Task.Run(async () => await gateways[i % gateways.Length].TakeAsync(_partition, default))));
        return permits.Count(permit => permit.IsGranted);
    }

    private static async Task<int> GrantedAsync(params ShopClient[] clients)
    {
        var granted = 0;
        for (var i = 0; i < 30 * clients.Length; i++)
        {
            granted += (await clients[i % clients.Length].GetAsync("/api/v1/products/tea")).Status is HttpStatusCode.OK ? 1 : 0;
        }

        return granted;
    }

    private static (int Left, int Reset) State(Reply reply)
    {
        var state = StatePattern().Match(reply.Header("RateLimit")!);
        return (Number("left"), Number("reset"));

        int Number(string group) => int.Parse(state.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^\"session\";r=(?<left>\\d+);t=(?<reset>\\d+)$")]
    private static partial Regex StatePattern();

    // Redis does not go away in these tests; if it does, they fail.
    private sealed class NoPermits : IPermits
    {
        public ValueTask<Permit> TakeAsync(string partition, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Redis was away.");

        public void Dispose()
        {
        }
    }
}
