using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Caching;
using Shop.Contracts;
using Shop.Gateway;
using Shop.Gateway.Edge;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Caching;

/// <summary>A gateway as it runs in production, on a real Redis, in front of a service that counts how often it is asked.</summary>
public sealed class EdgeCacheTests : IAsyncLifetime
{
    private const string Tea = "/api/v1/products/tea";

    private readonly List<WebApplication> _apps = [];
    private readonly List<IHeaderDictionary> _asked = [];
    private RedisServer _redis = null!;
    private HttpClient _client = null!;
    private CacheNode _shop = null!;
    private string _etag = "\"1\"";
    private string _allowed = "public, max-age=0, s-maxage=60";
    private string? _vary;
    private bool _isAway;
    private TaskCompletionSource? _stalled;
    private Func<Task> _work = () => Task.CompletedTask;

    private EdgeCache Edge => _apps[1].Services.GetRequiredService<EdgeCache>();

    public async Task InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        var settings = new Dictionary<string, string?>
        {
            ["Identity:SigningKeys:0"] = Convert.ToBase64String(new byte[32]),
            ["Security:ServiceKey"] = new string('k', 32),
            ["Logging:LogLevel:Default"] = "None",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "None",
            ["Redis:ConnectionString"] = _redis.ConnectionString,
            ["Redis:OperationTimeout"] = "00:00:10",
            ["Cache:FeedInterval"] = "00:00:00.050",
            ["Edge:SettleTime"] = "00:00:00.200",
            ["Edge:MaxEntries"] = "50",
        };
        await StartAsync(ServiceNames.Inventory, settings, _ => { }, MapService);
        foreach (var service in new[] { ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments })
        {
            settings[$"Services:{service}:0"] = _apps[0].Urls.Single();
        }

        await StartAsync(ServiceNames.Gateway, settings, builder => builder.AddGateway(), app => app.MapGateway());
        _client = new HttpClient { BaseAddress = new Uri(_apps[1].Urls.Single()) };
        _shop = await CacheNode.StartAsync(_redis);
        await Until.HoldsAsync(() => _apps[1].Services.GetRequiredService<InvalidationFeed>().HearsOfChanges);
        await Until.HoldsAsync(async () =>
        {
            await GetAsync("/api/v1/products?limit=100"); // the settling time of the first contact is over
            return Edge.Size.Pages > 0;
        });
        _asked.Clear();
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _shop.DisposeAsync();
        foreach (var app in Enumerable.Reverse(_apps))
        {
            await app.DisposeAsync();
        }

        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_fresh_page_and_its_304_are_answered_without_asking_the_service()
    {
        var first = await GetAsync(Tea);
        var second = await GetAsync(Tea);
        var unchanged = await GetAsync(Tea, ("If-None-Match", "\"1\""));
        var changed = await GetAsync(Tea, ("If-None-Match", "\"0\""));

        Assert.Single(_asked);
        Assert.Equal((HttpStatusCode.OK, "tea 1"), (second.StatusCode, await second.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.NotModified, ""), (unchanged.StatusCode, await unchanged.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        foreach (var reply in new[] { first, second, unchanged })
        {
            Assert.Equal("\"1\"", reply.Headers.ETag?.Tag);
            Assert.NotNull(reply.Headers.Age);
        }
    }

    [Fact]
    public async Task A_stale_page_is_confirmed_by_its_ETag_and_not_sent_again()
    {
        _allowed = "public, max-age=0, s-maxage=1";
        await GetAsync(Tea);
        await Until.HoldsAsync(async () =>
        {
            await GetAsync(Tea);
            return Edge.Counters[CacheEvent.Revalidated] > 0;
        });
        Assert.Contains(_asked, headers => headers.IfNoneMatch == "\"1\"");

        _etag = "\"2\"";
        await Until.HoldsAsync(async () => await (await GetAsync(Tea)).Content.ReadAsStringAsync() == "tea 2");
    }

    [Fact]
    public async Task A_hundred_who_ask_at_once_are_one_question()
    {
        _work = () => Task.Delay(100);

        var pages = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => GetAsync(Tea)));

        Assert.All(pages, page => Assert.Equal(HttpStatusCode.OK, page.StatusCode));
        Assert.Single(_asked);
    }

    [Fact]
    public async Task A_service_that_stops_in_the_middle_of_an_answer_does_not_keep_everybody_waiting()
    {
        var stalled = _stalled = new TaskCompletionSource();
        var asking = GetAsync(Tea);
        await stalled.Task;
        _stalled = null;

        var joined = await GetAsync(Tea);

        Assert.Equal("tea 1", await joined.Content.ReadAsStringAsync());
        Assert.Equal("tea 1", await (await asking).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Word_of_a_change_ends_the_page_and_the_lists()
    {
        await GetAsync(Tea);
        await GetAsync("/api/v1/products");
        await GetAsync("/api/v1/products/milk");
        var asked = _asked.Count;
        _etag = "\"2\"";

        await _shop.Shared.InvalidateAsync("products", "tea", 2);

        await Until.HoldsAsync(async () => await (await GetAsync(Tea)).Content.ReadAsStringAsync() == "tea 2");
        await Until.HoldsAsync(async () => await (await GetAsync("/api/v1/products")).Content.ReadAsStringAsync() == "products 2");
        Assert.Equal("milk 1", await (await GetAsync("/api/v1/products/milk")).Content.ReadAsStringAsync());
        Assert.True(_asked.Count > asked);
    }

    // A replica that has not heard of the change answers with the old page once more.
    [Fact]
    public async Task A_page_that_was_asked_for_before_the_change_is_not_kept_after_it()
    {
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        _work = () =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        var old = GetAsync(Tea);
        await asked.Task;
        await _shop.Shared.InvalidateAsync("products", "tea", 2);
        await Until.HoldsAsync(() => Edge.Counters[CacheEvent.Invalidated] > 0);
        answer.SetResult();
        await old;

        _etag = "\"2\"";
        Assert.Equal("tea 2", await (await GetAsync(Tea)).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Who_asks_makes_no_difference_and_is_not_told_to_the_service()
    {
        var page = await GetAsync(Tea, ("Cookie", "shop.sid=x; a=b"), ("Authorization", "Bearer x"));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var headers = Assert.Single(_asked);
        Assert.False(headers.ContainsKey("Cookie") || headers.ContainsKey("Authorization") || headers.ContainsKey("Shop-Identity"));
    }

    [Theory]
    [InlineData("private, s-maxage=60", null)]
    [InlineData("no-store", null)]
    [InlineData("public, max-age=60", null)]
    [InlineData("public, s-maxage=0", null)]
    [InlineData("public, s-maxage=60", "Cookie")]
    [InlineData("public, s-maxage=60", "*")]
    public async Task What_is_not_for_everybody_is_not_kept(string allowed, string? vary)
    {
        (_allowed, _vary) = (allowed, vary);

        await GetAsync(Tea);
        var asked = _asked.Count;
        await GetAsync(Tea);

        Assert.True(_asked.Count > asked);
    }

    [Fact]
    public async Task Pages_that_vary_are_kept_apart()
    {
        _vary = "Accept-Language";

        Assert.Equal("tea 1 de", await (await GetAsync(Tea, ("Accept-Language", "de"))).Content.ReadAsStringAsync());
        Assert.Equal("tea 1 en", await (await GetAsync(Tea, ("Accept-Language", "en"))).Content.ReadAsStringAsync());
        Assert.Equal("tea 1 de", await (await GetAsync(Tea, ("Accept-Language", "de"))).Content.ReadAsStringAsync());

        Assert.Equal(2, _asked.Count);
    }

    [Fact]
    public async Task Memory_is_bounded_whatever_is_asked_for()
    {
        for (var i = 0; i < 200; i++)
        {
            await GetAsync($"/api/v1/products?q={i}");
        }

        Assert.InRange(Edge.Size.Pages, 1, 50);
        await GetAsync($"/api/v1/products?q={new string('x', 1000)}");
        Assert.InRange(Edge.Size.Pages, 1, 50);
    }

    [Fact]
    public async Task A_service_that_is_away_is_the_services_own_answer()
    {
        _isAway = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync(Tea)).StatusCode);
        _isAway = false;
        await Until.HoldsAsync(async () => (await GetAsync(Tea)).StatusCode is HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await _client.SendAsync(request);
    }

    private void MapService(WebApplication app) => app.MapGet("/api/v1/{**path}", async (HttpContext context, string path) =>
    {
        lock (_asked)
        {
            _asked.Add(new HeaderDictionary(context.Request.Headers.ToDictionary()));
        }

        var (etag, request, response) = (_etag, context.Request, context.Response);
        await _work();
        if (_isAway)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        response.Headers.ETag = etag;
        response.Headers.CacheControl = _allowed;
        if (_vary is not null)
        {
            response.Headers.Vary = _vary;
        }

        if (request.Headers.IfNoneMatch == etag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (_stalled is { } stalled)
        {
            await response.StartAsync();
            await response.Body.FlushAsync();
            stalled.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }

        var language = _vary is "Accept-Language" ? $" {request.Headers.AcceptLanguage}" : "";
        await response.WriteAsync($"{path.Split('/')[^1]} {etag.Trim('"')}{language}");
    });

    private async Task StartAsync(string service, Dictionary<string, string?> settings, Action<WebApplicationBuilder> add, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration().UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults(service);
        add(builder);
        var app = builder.Build();
        _apps.Add(app);
        app.MapServiceDefaults();
        map(app);
        await app.StartAsync();
    }
}
