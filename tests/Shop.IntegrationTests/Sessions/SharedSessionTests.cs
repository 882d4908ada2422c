using System.Net;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.BuildingBlocks.Sessions;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Sessions;

/// <summary>What a customer sees whose requests go to either of two gateways.</summary>
public sealed class SharedSessionTests : IAsyncLifetime
{
    private RedisServer _redis = null!;
    private GatewayPair _gateways = null!;

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _gateways = await GatewayPair.StartAsync(_redis);
    }

    public async Task DisposeAsync()
    {
        await _gateways.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task Who_logs_in_at_one_gateway_shops_at_the_other()
    {
        var (first, second) = await _gateways.CustomerAsync();
        Assert.Equal((await first.GetAsync("/api/v1/session")).Text, (await second.GetAsync("/api/v1/session").Expect(HttpStatusCode.OK)).Text);

        var put = await second.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea", new { quantity = 3 }).Expect(HttpStatusCode.OK);
        var read = await first.GetAsync("/api/v1/cart").Expect(HttpStatusCode.OK);
        Assert.Equal((put.Text, put.Header("ETag")), (read.Text, read.Header("ETag")));

        var order = await second.PostAsync("/api/v1/orders", new { }, ("Idempotency-Key", "one")).Expect(HttpStatusCode.Accepted);
        Assert.Equal("tea", (string?)order.Body["lines"]![0]!["sku"]);
        Assert.Empty((await first.GetAsync("/api/v1/cart")).Body["items"]!.AsArray());
    }

    [Fact]
    public async Task Fifty_parallel_changes_of_a_cart_over_both_gateways_all_survive()
    {
        var (first, second) = await _gateways.CustomerAsync();
        var before = (await first.GetAsync("/api/v1/cart")).Body["version"]!.GetValue<long>();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? first : second)
            .SendAsync(HttpMethod.Put, $"/api/v1/cart/items/sku-{i}", new { quantity = i + 1 }).Expect(HttpStatusCode.OK)));

        var cart = (await second.GetAsync("/api/v1/cart")).Body;
        Assert.Equal(
            Enumerable.Range(0, 50).Select(i => ($"sku-{i}", i + 1)).Order(),
            cart["items"]!.AsArray().Select(item => (item!["sku"]!.GetValue<string>(), item["quantity"]!.GetValue<int>())).Order());
        Assert.Equal(before + 50, cart["version"]!.GetValue<long>());
    }

    [Fact]
    public async Task Of_changes_at_both_gateways_that_expect_the_same_version_one_is_made()
    {
        var (first, second) = await _gateways.CustomerAsync();
        var etag = (await first.GetAsync("/api/v1/cart")).Header("ETag")!;

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? first : second)
            .SendAsync(HttpMethod.Put, $"/api/v1/cart/items/sku-{i}", new { quantity = 1 }, ("If-Match", etag))));

        Assert.Single(replies, reply => reply.Status is HttpStatusCode.OK);
        Assert.Equal(19, replies.Count(reply => reply.Status is HttpStatusCode.PreconditionFailed));
        var current = (await first.GetAsync("/api/v1/cart")).Body["version"]!.GetValue<long>();
        Assert.All(
            replies.Where(reply => reply.Status is HttpStatusCode.PreconditionFailed),
            reply => Assert.Equal(current, reply.Body["currentVersion"]!.GetValue<long>()));
    }

    [Fact]
    public async Task Logging_out_everywhere_at_one_gateway_is_logged_out_at_the_other_at_once()
    {
        var (first, second) = await _gateways.CustomerAsync();
        var elsewhere = new ShopClient(_gateways.Second);
        elsewhere.Rename(first.Name);
        await elsewhere.LogInAsync();

        await second.SendAsync(HttpMethod.Delete, "/api/v1/sessions").Expect(HttpStatusCode.NoContent);

        foreach (var client in new[] { first, second, elsewhere })
        {
            await client.GetAsync("/api/v1/session").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
            await client.GetAsync("/api/v1/orders/1").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }

        await elsewhere.LogInAsync();
        await elsewhere.GetAsync("/api/v1/session").Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Logging_in_never_adopts_an_id_and_ends_the_one_that_the_browser_had()
    {
        var (victim, _) = await _gateways.CustomerAsync();
        var chosen = SessionKey.New().Token;
        foreach (var planted in new[] { chosen, victim.Token! })
        {
            var browser = new ShopClient(_gateways.Second);
            var login = await browser.PostAsync(
                "/api/v1/session", new { name = "c-4711", password = "correct horse" }, ("Cookie", $"shop.sid={planted}")).Expect(HttpStatusCode.Created);

            Assert.NotEqual(planted, login.Body["token"]!.GetValue<string>());
            foreach (var gateway in new[] { _gateways.First, _gateways.Second })
            {
                await GatewayPair.Bearer(gateway, planted).GetAsync("/api/v1/session").Expect(HttpStatusCode.Unauthorized);
            }
        }
    }

    [Fact]
    public async Task What_Redis_holds_logs_nobody_in()
    {
        var (first, _) = await _gateways.CustomerAsync();
        await using var redis = RedisFixture.ConnectTo(_redis);

        var keys = (string[])(await redis.ExecuteAsync(database => database.ExecuteAsync("KEYS", "shop:session:*"), default))!;

        var id = Assert.Single(keys)["shop:session:".Length..];
        Assert.DoesNotContain(first.Token!, keys[0], StringComparison.Ordinal);
        await GatewayPair.Bearer(_gateways.Second, id).GetAsync("/api/v1/session").Expect(HttpStatusCode.Unauthorized);
    }

    // A key ring that each gateway makes for itself would split sessions the day something is protected with it.
    [Fact]
    public void Nothing_is_protected_with_a_key_ring_so_that_none_has_to_be_shared()
    {
        Assert.IsType<EphemeralDataProtectionProvider>(_gateways.Services.GetRequiredService<IDataProtectionProvider>());
        Assert.IsType<RedisSessionStore>(_gateways.Services.GetRequiredService<ISessionStore>());
    }

    [Fact]
    public async Task Sessions_in_Redis_need_to_know_where_Redis_is()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => GatewayPair.StartAsync(_redis, ("Redis:ConnectionString", "")));
        Assert.Contains(RedisOptions.ConnectionStringKey, failure.Message, StringComparison.Ordinal);

        var unreadable = await Assert.ThrowsAsync<OptionsValidationException>(
            () => GatewayPair.StartAsync(_redis, ("Redis:ConnectionString", "localhost,password=secret,colour=red")));
        Assert.DoesNotContain("secret", unreadable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_default_there_is_no_Redis()
    {
        await using var gateways = await GatewayPair.StartAsync(_redis, ("Redis:ConnectionString", ""), ("Sessions:Strategy", "Sticky"));

        Assert.Equal(SessionStrategy.Sticky, new ShopSessionOptions().Strategy);
        Assert.IsType<InProcessSessionStore>(gateways.Services.GetRequiredService<ISessionStore>());
        Assert.Null(gateways.Services.GetService<RedisConnection>());
    }
}
