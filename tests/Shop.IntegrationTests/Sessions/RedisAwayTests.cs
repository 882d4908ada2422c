using System.Diagnostics;
using System.Net;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Sessions;

/// <summary>Redis dies, hangs and comes back under two gateways that nobody restarts.</summary>
public sealed class RedisAwayTests : IAsyncLifetime
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    // Longer than a busy machine pauses, and so long that requests which each waited for it would be seen to.
    private static readonly (string, string) FiveSeconds = ("Redis:OperationTimeout", "00:00:05");

    private RedisServer _redis = null!;
    private GatewayPair _gateways = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _gateways = await GatewayPair.StartAsync(_redis, FiveSeconds);
    }

    public async Task DisposeAsync()
    {
        await _gateways.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Without_Redis_routes_of_a_session_are_503_the_others_go_on_and_all_comes_back_by_itself()
    {
        var (first, second) = await _gateways.CustomerAsync();
        await second.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea", new { quantity = 3 }).Expect(HttpStatusCode.OK);

        await _redis.KillAsync();
        var started = Stopwatch.GetTimestamp();
        await AssertAwayAsync(first);
        await AssertAwayAsync(second);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60)); // twenty requests, 100 s if each waited

        await _redis.StartAgainAsync();
        await AssertComesBackAsync(first);
        await AssertComesBackAsync(second);
        Assert.Equal(3, (await first.GetAsync("/api/v1/cart")).Body["items"]![0]!["quantity"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_Redis_that_hangs_is_waited_for_once_and_not_by_every_request()
    {
        var (first, _) = await _gateways.CustomerAsync();
        await first.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea", new { quantity = 3 }).Expect(HttpStatusCode.OK);

        await _redis.FreezeAsync();
        var started = Stopwatch.GetTimestamp();
        await first.GetAsync("/api/v1/cart").ExpectProblem(HttpStatusCode.ServiceUnavailable, "dependency-unavailable");
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(60));

        // Fifty requests that each waited five seconds would take 250.
        started = Stopwatch.GetTimestamp();
        for (var i = 0; i < 10; i++)
        {
            await AssertAwayAsync(first);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(60));

        await _redis.ThawAsync();
        await AssertComesBackAsync(first);
    }

    [Fact]
    public async Task Who_waits_for_a_session_has_a_place_and_who_gets_none_is_refused_before_Redis_is_asked()
    {
        // While the first two wait, the other four have to arrive.
        await using var gateways = await GatewayPair.StartAsync(_redis, ("Limits:Concurrent", "2"), ("Limits:Queue", "0"), ("Redis:OperationTimeout", "00:00:10"));
        var (first, _) = await gateways.CustomerAsync();

        await _redis.FreezeAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => first.GetAsync("/api/v1/cart")));
        await _redis.ThawAsync();

        Assert.Equal(["dependency-unavailable", "dependency-unavailable", "overloaded", "overloaded", "overloaded", "overloaded"], replies.Select(reply => reply.Code).Order());
    }

    [Fact]
    public async Task A_gateway_that_starts_before_Redis_waits_for_nobody()
    {
        await _redis.KillAsync();
        await using var gateways = await GatewayPair.StartAsync(_redis, FiveSeconds);
        using var client = new ShopClient(gateways.Second);
        client.Rename("c-1");

        await client.GetAsync("/health/ready").Expect(HttpStatusCode.OK);
        await client.GetAsync("/api/v1/products/tea").Expect(HttpStatusCode.OK);
        await client.PostAsync("/api/v1/session", new { name = "c-1", password = "correct horse" })
            .ExpectProblem(HttpStatusCode.ServiceUnavailable, "dependency-unavailable");

        await _redis.StartAgainAsync();
        await ComesTrueAsync(async () =>
            (await client.PostAsync("/api/v1/session", new { name = "c-1", password = "correct horse" })).Status is HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_order_that_was_accepted_is_answered_so_although_its_cart_cannot_be_cleared()
    {
        var (first, _) = await _gateways.CustomerAsync();
        await first.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea", new { quantity = 3 }).Expect(HttpStatusCode.OK);
        _gateways.WhileOrdering = _redis.KillAsync;

        await first.PostAsync("/api/v1/orders", new { }, ("Idempotency-Key", "one")).Expect(HttpStatusCode.Accepted);
    }

    private static async Task AssertAwayAsync(ShopClient client)
    {
        var refusals = new[]
        {
            await client.GetAsync("/api/v1/session"), // the gateway's own route
            await client.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea", new { quantity = 1 }),
            await client.GetAsync("/api/v1/orders/1"), // a service's route: it would say 401
            await client.PostAsync("/api/v1/orders", new { }, ("Idempotency-Key", "two")),
            await client.SendAsync(HttpMethod.Delete, "/api/v1/sessions"),
        };
        Assert.All(refusals, refusal =>
        {
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "dependency-unavailable"), (refusal.Status, refusal.Code));
            Assert.Equal("1", refusal.Header("Retry-After"));
        });

        // With a token that cannot be looked up, too.
        await client.GetAsync("/api/v1/products/tea").Expect(HttpStatusCode.OK);
        await client.GetAsync("/health/ready").Expect(HttpStatusCode.OK);

        // Without a token there is nothing to look up.
        using var anonymous = new ShopClient(client.Http.BaseAddress!.ToString());
        await anonymous.GetAsync("/api/v1/products/tea").Expect(HttpStatusCode.OK);
        await anonymous.GetAsync("/api/v1/cart").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        await anonymous.GetAsync("/api/v1/orders/1").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    private static async Task AssertComesBackAsync(ShopClient client)
    {
        await ComesTrueAsync(async () => (await client.GetAsync("/api/v1/session")).Status is HttpStatusCode.OK);
        await client.GetAsync("/api/v1/orders/1").Expect(HttpStatusCode.OK);
    }

    private static async Task ComesTrueAsync(Func<Task<bool>> condition)
    {
        for (var started = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(50))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Recovery, "It has not come back.");
        }
    }
}
