using System.Net;
using System.Text;
using Shop.BuildingBlocks.Sessions;
using Shop.Gateway.Sessions.Peers;
using Shop.IntegrationTests.Caching;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Sessions;

/// <summary>Two gateways that tell each other of their sessions, over HTTP and without a Redis.</summary>
public sealed class ReplicatedGatewayTests(ITestOutputHelper output) : IAsyncLifetime
{
    private GatewayPair _gateways = null!;

    // A gateway that is only slow is waited for: what the tests see answered was confirmed.
    public async Task InitializeAsync() => _gateways = await GatewayPair.StartAsync(
        null,
        ("Redis:ConnectionString", ""),
        ("Sessions:Strategy", "Replicated"),
        ("Sessions:PeerInterval", "00:00:00.100"),
        ("Sessions:PeerTimeout", "00:00:10"),
        ("Sessions:JoinTimeout", "00:01:00"));

    public Task DisposeAsync() => _gateways.DisposeAsync().AsTask();

    [Fact]
    public async Task What_one_gateway_has_answered_the_other_knows()
    {
        var (first, second) = await BothAsync();
        for (var i = 0; i < 20; i++)
        {
            var put = await first.SendAsync(HttpMethod.Put, $"/api/v1/cart/items/sku-{i}", new { quantity = i + 1 }).Expect(HttpStatusCode.OK);
            var read = await second.GetAsync("/api/v1/cart").Expect(HttpStatusCode.OK);
            Assert.Equal((put.Text, put.Header("ETag")), (read.Text, read.Header("ETag")));
        }
    }

    [Fact]
    public async Task Parallel_changes_at_both_gateways_all_survive()
    {
        var (first, second) = await BothAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? first : second)
            .SendAsync(HttpMethod.Put, $"/api/v1/cart/items/sku-{i}", new { quantity = i + 1 }).Expect(HttpStatusCode.OK)));

        foreach (var gateway in new[] { first, second })
        {
            await Until.HoldsAsync(async () => (await gateway.GetAsync("/api/v1/cart")).Body["items"]!.AsArray().Count == 50);
        }

        await Until.HoldsAsync(async () => (await first.GetAsync("/api/v1/cart")).Text == (await second.GetAsync("/api/v1/cart")).Text);
    }

    [Fact]
    public async Task A_log_out_holds_at_the_other_gateway_when_it_is_answered()
    {
        for (var round = 0; round < 10; round++)
        {
            var (first, second) = await BothAsync();
            await first.SendAsync(HttpMethod.Delete, round % 2 == 0 ? "/api/v1/session" : "/api/v1/sessions").Expect(HttpStatusCode.NoContent);
            await second.GetAsync("/api/v1/session").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
            await second.GetAsync("/api/v1/orders/1").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
        }
    }

    [Fact]
    public async Task When_a_gateway_dies_the_other_goes_on_and_one_that_joins_knows_all()
    {
        var (first, second) = await BothAsync();
        await first.SendAsync(HttpMethod.Put, "/api/v1/cart/items/tea", new { quantity = 3 }).Expect(HttpStatusCode.OK);
        var gone = await BothAsync();
        await gone.First.SendAsync(HttpMethod.Delete, "/api/v1/sessions").Expect(HttpStatusCode.NoContent);

        await _gateways.StopFirstAsync();
        await second.SendAsync(HttpMethod.Put, "/api/v1/cart/items/milk", new { quantity = 1 }).Expect(HttpStatusCode.OK);
        await _gateways.RestartFirstAsync();

        var cart = (await GatewayPair.Bearer(_gateways.First, first.Token!).GetAsync("/api/v1/cart").Expect(HttpStatusCode.OK)).Body;
        Assert.Equal(["milk", "tea"], cart["items"]!.AsArray().Select(item => item!["sku"]!.GetValue<string>()).Order());
        await GatewayPair.Bearer(_gateways.First, gone.First.Token!).GetAsync("/api/v1/session").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task Who_logs_out_while_a_gateway_cannot_be_reached_is_told_so_and_is_out_where_it_can()
    {
        var (_, second) = await BothAsync();
        await _gateways.StopFirstAsync();

        await second.SendAsync(HttpMethod.Delete, "/api/v1/session").ExpectProblem(HttpStatusCode.ServiceUnavailable, "dependency-unavailable");

        await second.GetAsync("/api/v1/session").ExpectProblem(HttpStatusCode.Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task A_change_costs_its_own_size_and_not_that_of_the_session()
    {
        const int changes = 50;
        var peers = (SessionPeers)_gateways.Services.GetService(typeof(SessionPeers))!;
        var (first, _) = await BothAsync();
        var afterLogin = peers.Bytes.Sent;
        for (var i = 0; i < changes; i++)
        {
            await first.SendAsync(HttpMethod.Put, $"/api/v1/cart/items/sku-{i}", new { quantity = 1 }).Expect(HttpStatusCode.OK);
        }

        var perChange = (peers.Bytes.Sent - afterLogin) / changes;
        output.WriteLine($"a change of a cart sends {perChange} bytes to each other gateway");
        Assert.InRange(perChange, 100, 1000); // the whole cart would be 5000 at the end
    }

    // A stranger, one who guesses, and one who has the key and comes through a proxy from outside.
    [Theory]
    [InlineData(null, null)]
    [InlineData("guess", null)]
    [InlineData("right", "10.0.0.1")]
    public async Task To_everybody_but_a_gateway_the_exchange_does_not_exist(string? key, string? forwardedFor)
    {
        using var http = new HttpClient();
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var request = new HttpRequestMessage(method, $"{_gateways.First}/internal/sessions?after=0&most=10");
            request.Content = method == HttpMethod.Post ? new StringContent("""{"node":"x","sessions":[],"logouts":[]}""", Encoding.UTF8, "application/json") : null;
            if (key is not null)
            {
                request.Headers.Add("Shop-Service-Key", key == "right" ? new string('k', 32) : key);
            }

            if (forwardedFor is not null)
            {
                request.Headers.Add("X-Forwarded-For", forwardedFor);
            }

            Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(request)).StatusCode);
        }
    }

    [Fact]
    public void The_store_is_the_replicated_one() =>
        Assert.IsType<ReplicatedSessionStore>(Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<ISessionStore>(_gateways.Services));

    private async Task<(ShopClient First, ShopClient Second)> BothAsync()
    {
        var pair = await _gateways.CustomerAsync();
        await Until.HoldsAsync(async () => (await pair.Second.GetAsync("/api/v1/session")).Status is HttpStatusCode.OK);
        return pair;
    }
}
