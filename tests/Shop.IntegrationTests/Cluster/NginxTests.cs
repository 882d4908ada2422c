using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Model;

namespace Shop.IntegrationTests.Cluster;

/// <summary>nginx as the cluster configures it, in front of two gateways that record what reaches them.</summary>
public sealed class NginxTests : IAsyncLifetime
{
    private const string BreaksFirst = "Breaks-First";

    private readonly TempDirectory _directory = new();
    private readonly int _port = Ports.Free(PortPlan.Size);
    private readonly ConcurrentQueue<(string Gateway, string Request, IHeaderDictionary Headers)> _received = [];
    private readonly TaskCompletionSource _secondEvent = new();
    private readonly List<WebApplication> _gateways = [];
    private readonly HttpClient _http = new();
    private ShopCluster _nginx = null!;

    public async Task InitializeAsync()
    {
        _http.BaseAddress = new Uri($"http://127.0.0.1:{_port}");
        _gateways.AddRange(await Task.WhenAll(GatewayAsync(1), GatewayAsync(2)));
        _nginx = await Servers.UpAsync(_directory.Path, ClusterParts.Nginx, _port);
    }

    public async Task DisposeAsync()
    {
        await (_nginx?.DownAsync() ?? Task.CompletedTask);
        _secondEvent.TrySetResult();
        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        _http.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_a_client_says_about_where_it_comes_from_is_replaced()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/echo");
        foreach (var header in new[] { "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded" })
        {
            request.Headers.TryAddWithoutValidation(header, "spoofed");
        }

        await _http.SendAsync(request);

        var headers = Assert.Single(_received).Headers;
        Assert.DoesNotContain(headers, header => header.Value.ToString().Contains("spoofed", StringComparison.Ordinal));
        Assert.Equal("127.0.0.1", headers["X-Forwarded-For"]);
        Assert.Equal("http", headers["X-Forwarded-Proto"]);
        Assert.Equal($"127.0.0.1:{_port}", headers["X-Forwarded-Host"]);
        Assert.Equal($"127.0.0.1:{_port}", headers.Host);
    }

    // A gateway that ends resets the connections that it had not accepted yet: the request was sent, and nobody will answer it.
    [Theory]
    [InlineData("GET", "products")]
    [InlineData("PUT", "cart/items/umbrella")]
    [InlineData("POST", "orders")]
    [InlineData("POST", "orders/1/cancel")]
    [InlineData("POST", "wallet/deposits")]
    public async Task What_may_be_repeated_is_asked_of_the_other_gateway_when_its_connection_breaks(string method, string path)
    {
        // nginx asks the other one only when the first breaks the connection within five seconds: whoever stands still for longer does it again.
        var response = await BrokenAsync(method, path);
        for (var tries = 1; tries < 3 && response.StatusCode is not HttpStatusCode.OK; tries++)
        {
            _received.Clear();
            response = await BrokenAsync(method, path);
        }

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, _received.Select(request => request.Gateway).Distinct().Count());
    }

    [Theory]
    [InlineData("session")]
    [InlineData("customers")]
    [InlineData("orders/1/retry")]
    [InlineData("orders/1/2/cancel")]
    public async Task Any_other_post_whose_connection_breaks_is_not_sent_again(string path)
    {
        var response = await BrokenAsync("POST", path);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Single(_received);
    }

    [Fact]
    public async Task Nobody_notices_that_a_gateway_is_away()
    {
        await _gateways[0].StopAsync();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await _http.PostAsync("/echo", new StringContent("{}"))).StatusCode);
        }

        Assert.All(_received, request => Assert.Equal("gateway-2", request.Gateway));
    }

    [Fact]
    public async Task Requests_go_to_both_gateways()
    {
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _http.GetAsync("/echo")));

        Assert.Equal(2, _received.Select(request => request.Gateway).Distinct().Count());
    }

    [Fact]
    public async Task An_event_arrives_while_the_stream_is_still_open()
    {
        using var response = await _http.GetAsync("/events", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("data: 1", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)));
        _secondEvent.SetResult();
        Assert.Equal("data: 2", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("/a//b/%2e%2e/c?x=%20y")]
    [InlineData("/with%2Fslash")]
    public async Task The_gateway_judges_the_path_that_the_client_sent(string path)
    {
        Assert.Equal(200, (await RawHttp.GetAsync(_port, path)).Status);
        Assert.Equal($"GET {path}", Assert.Single(_received).Request);
    }

    /// <summary>The gateway that gets it first breaks the connection.</summary>
    private async Task<HttpResponseMessage> BrokenAsync(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/api/v1/{path}");
        request.Headers.Add(BreaksFirst, "true");
        request.Content = method == "GET" ? null : new StringContent("{}");
        return await _http.SendAsync(request);
    }

    private async Task<WebApplication> GatewayAsync(int number)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port + number}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(async context =>
        {
            var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            _received.Enqueue(($"gateway-{number}", $"{context.Request.Method} {target}", new HeaderDictionary(context.Request.Headers.ToDictionary())));
            switch (context.Request.Path.Value)
            {
                case not null when context.Request.Headers.ContainsKey(BreaksFirst) && _received.Count == 1:
                    context.Abort();
                    break;
                case "/events":
                    await context.Response.WriteAsync("data: 1\n");
                    await context.Response.Body.FlushAsync();
                    await _secondEvent.Task;
                    await context.Response.WriteAsync("data: 2\n");
                    break;
                default:
                    await context.Response.WriteAsync("ok");
                    break;
            }
        });
        await app.StartAsync();
        return app;
    }
}
