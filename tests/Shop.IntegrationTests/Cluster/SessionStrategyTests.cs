using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Caching;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Customers with full carts, whose gateway is killed: what each way to keep sessions loses.</summary>
[Collection(OwnCluster.Name)]
public sealed class SessionStrategyTests(ITestOutputHelper output)
{
    private const int Customers = 24;
    private const int Items = 5;

    [Theory]
    [InlineData(nameof(ClusterSessions.Sticky))]
    [InlineData(nameof(ClusterSessions.Replicated))]
    [InlineData(nameof(ClusterSessions.Central))]
    public async Task The_death_of_a_gateway_costs_what_the_strategy_says(string name)
    {
        var strategy = Enum.Parse<ClusterSessions>(name);
        using var directory = new TempDirectory();
        var settings = new Dictionary<string, string>
        {
            ["Passwords:Iterations"] = "1000",

            // What a strategy loses, and not what a machine that stands still for a second adds to it.
            ["Redis:OperationTimeout"] = "00:00:10",
            ["Sessions:PeerTimeout"] = "00:00:10",
            ["Sessions:JoinTimeout"] = "00:01:00",
        };
        var cluster = await Servers.UpAsync(directory.Path, ClusterParts.All, settings: settings, change: options => options with { Sessions = strategy, Replicas = 1 });
        try
        {
            await KillAsync(cluster, strategy);
        }
        finally
        {
            await cluster.DownAsync();
        }

        Assert.Empty(Servers.Left(directory.Path));
    }

    private async Task KillAsync(ShopCluster cluster, ClusterSessions strategy)
    {
        var browsers = Enumerable.Range(0, Customers).Select(i => new Browser(cluster.Connections.Public, $"{strategy}-{i}")).ToList();
        foreach (var browser in browsers)
        {
            await browser.EnterAsync();
            for (var i = 0; i < Items; i++)
            {
                await browser.PutAsync($"/api/v1/cart/items/{Browser.Skus[i]}", i + 1);
            }
        }

        var atTheDead = 0;
        foreach (var browser in browsers)
        {
            var gateways = new HashSet<string>();
            for (var i = 0; i < 3; i++)
            {
                gateways.Add(await browser.GatewayAsync());
            }

            Assert.True(strategy is not ClusterSessions.Sticky || gateways.Count == 1, "A sticky session wanders.");
            atTheDead += gateways.Contains("gateway-1") ? 1 : 0;
        }

        // Somebody is always in the middle of something.
        using var over = new CancellationTokenSource();
        var busy = browsers.Take(4).Select(browser => Task.Run(() => browser.ShopUntilAsync(over.Token))).ToList();
        await Task.Delay(300, CancellationToken.None);
        await cluster.KillAsync("gateway-1");
        await Task.Delay(300, CancellationToken.None);
        await over.CancelAsync();
        await Task.WhenAll(busy);

        var (sessions, items) = (0, 0);
        foreach (var browser in browsers)
        {
            var cart = await browser.CartAsync();
            sessions += cart is null ? 1 : 0;
            items += browser.Acknowledged.Count(item => cart?.GetValueOrDefault(item.Key) != item.Value);
        }

        output.WriteLine($"{strategy}: {atTheDead} of {Customers} sessions used the gateway that was killed; lost: {sessions} sessions, {items} of {browsers.Sum(b => b.Acknowledged.Count)} acknowledged items");
        if (strategy is ClusterSessions.Sticky)
        {
            Assert.InRange(atTheDead, 1, Customers - 1);
            Assert.Equal(atTheDead, sessions);
        }
        else
        {
            Assert.Equal((0, 0), (sessions, items));
        }

        await cluster.StartAsync("gateway-1");
        await LogOutAsync(cluster, strategy);
        browsers.ForEach(browser => browser.Dispose());
    }

    // Whoever is out is out at every gateway, by whichever way they come.
    private static async Task LogOutAsync(ShopCluster cluster, ClusterSessions strategy)
    {
        string[] gateways = [.. Enumerable.Range(1, 2).Select(i => $"http://127.0.0.1:{cluster.Connections.Ports.Gateway(i)}")];
        foreach (var path in new[] { "/api/v1/session", "/api/v1/sessions" })
        {
            using var browser = new Browser(cluster.Connections.Public, $"out-{strategy}-{Guid.NewGuid():N}");
            var planted = await browser.EnterAsync();
            var token = await browser.LogInAsync();
            Assert.NotEqual(planted, token); // a new id at each login, and the one before is dead
            await Until.HoldsAsync(async () => await browser.DeleteAsync(path) is HttpStatusCode.NoContent or HttpStatusCode.Unauthorized);

            foreach (var gateway in gateways)
            {
                foreach (var old in new[] { planted, token })
                {
                    using var client = GatewayClient(gateway, old);
                    Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri("/api/v1/session", UriKind.Relative))).StatusCode);
                }
            }
        }
    }

    private static HttpClient GatewayClient(string address, string token)
    {
        var client = new HttpClient { BaseAddress = new Uri(address) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }

    /// <summary>Somebody with cookies, who tries again when the shop is not there for a moment.</summary>
    private sealed class Browser(Uri address, string name) : IDisposable
    {
        public static readonly string[] Skus = ["umbrella", "expedition-tent", "apron-cotton-moss", "apron-cotton-night", "apron-linen-moss"];

        private readonly HttpClient _http = new(new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseCookies = true }) { BaseAddress = address };

        /// <summary>What is in the cart by what was answered.</summary>
        public Dictionary<string, int> Acknowledged { get; } = [];

        public async Task<string> EnterAsync()
        {
            (await SendAsync(HttpMethod.Post, "/api/v1/customers", new { name, password = "correct horse" })).EnsureSuccessStatusCode();
            return await LogInAsync();
        }

        public async Task<string> LogInAsync()
        {
            using var response = await SendAsync(HttpMethod.Post, "/api/v1/session", new { name, password = "correct horse" });
            response.EnsureSuccessStatusCode();
            return (await response.Content.ReadFromJsonAsync<JsonNode>())!["token"]!.GetValue<string>();
        }

        public async Task PutAsync(string path, int quantity)
        {
            using var response = await SendAsync(HttpMethod.Put, path, new { quantity });
            if (response.StatusCode is HttpStatusCode.OK)
            {
                Acknowledged[path.Split('/')[^1]] = quantity;
            }
        }

        public async Task<HttpStatusCode> DeleteAsync(string path) => (await SendAsync(HttpMethod.Delete, path)).StatusCode;

        public async Task<string> GatewayAsync() => (await SendAsync(HttpMethod.Get, "/api/v1/session")).Headers.GetValues("Shop-Instance").Single();

        /// <summary>Null when the session is gone.</summary>
        public async Task<Dictionary<string, int>?> CartAsync()
        {
            using var response = await SendAsync(HttpMethod.Get, "/api/v1/cart");
            return response.StatusCode is HttpStatusCode.Unauthorized
                ? null
                : (await response.Content.ReadFromJsonAsync<JsonNode>())!["items"]!.AsArray().ToDictionary(i => i!["sku"]!.GetValue<string>(), i => i!["quantity"]!.GetValue<int>());
        }

        public async Task ShopUntilAsync(CancellationToken over)
        {
            for (var quantity = 10; !over.IsCancellationRequested; quantity++)
            {
                await PutAsync($"/api/v1/cart/items/{Skus[quantity % Skus.Length]}", quantity);
            }
        }

        public void Dispose() => _http.Dispose();

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
        {
            for (var tries = 1; ; tries++)
            {
                using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
                try
                {
                    var response = await _http.SendAsync(request);
                    if (response.StatusCode is not HttpStatusCode.ServiceUnavailable || tries == 100)
                    {
                        return response;
                    }
                }
                catch (HttpRequestException) when (tries < 100)
                {
                    // The connection died with the gateway.
                }

                await Task.Delay(100);
            }
        }
    }
}
