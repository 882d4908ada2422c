using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Caching;
using Shop.BuildingBlocks.Redis;
using Shop.IntegrationTests.Sessions;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Caching;

/// <summary>What one process has: a connection, the level in Redis, the feed, and a cache, over the real clock.</summary>
internal sealed class CacheNode : IAsyncDisposable
{
    private readonly RedisConnection _redis;

    public CacheNode(RedisServer server, CacheOptions? options = null)
    {
        Options = options ?? Quick();
        _redis = RedisFixture.ConnectTo(server, TimeSpan.FromSeconds(5));
        Shared = new SharedLevel(_redis, TimeProvider.System);
        Feed = new InvalidationFeed(Shared, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System, NullLogger<InvalidationFeed>.Instance);
        Cache = new TieredCache<Price>("prices", Options.LocalLifetime, Options, Shared, () => Feed.HearsOfChanges, TimeProvider.System);
        Feed.Lost += Cache.Clear;
        Feed.Changed += change =>
        {
            if (change.IsOfAll)
            {
                Cache.Clear();
            }
            else if (change.Version is { } version)
            {
                Cache.Invalidate(change.Key, version);
            }
            else
            {
                Cache.Drop(change.Key);
            }
        };
    }

    public CacheOptions Options { get; }

    public SharedLevel Shared { get; }

    public InvalidationFeed Feed { get; }

    public TieredCache<Price> Cache { get; }

    /// <summary>Hears of changes soon. What it knows lives longer than a busy machine may pause: the tests of an end set their own.</summary>
    public static CacheOptions Quick() => new()
    {
        FeedInterval = TimeSpan.FromMilliseconds(50),
        Jitter = 0,
        AloneLifetime = TimeSpan.FromMinutes(1),
        LeaseTime = TimeSpan.FromMinutes(1),
    };

    public static async Task<CacheNode> StartAsync(RedisServer server, CacheOptions? options = null)
    {
        var node = new CacheNode(server, options);
        await node.Feed.StartAsync(CancellationToken.None);
        await Until.HoldsAsync(() => node.Feed.HearsOfChanges);
        return node;
    }

    public async Task<long?> PriceAsync(Origin origin, string key = "tea") =>
        (await Cache.GetAsync(key, origin.ReadAsync, CancellationToken.None)).Value?.Cents;

    public async ValueTask DisposeAsync()
    {
        await Feed.StopAsync(CancellationToken.None);
        Feed.Dispose();
        await _redis.DisposeAsync();
    }
}

internal sealed record Price(long Cents);

/// <summary>The source of truth: counts how often it is read, and can hold a reader after it has read.</summary>
internal sealed class Origin
{
    private Versioned<Price>? _truth;
    private int _reads;

    public Origin(long cents) => Set(cents);

    public Origin()
    {
    }

    public int Reads => Volatile.Read(ref _reads);

    public long Version => Volatile.Read(ref _truth)?.Version ?? 0;

    /// <summary>Where a reader waits with what it has read.</summary>
    public Func<Task> Held { get; set; } = () => Task.CompletedTask;

    public void Set(long cents) => Volatile.Write(ref _truth, new Versioned<Price>(new Price(cents), Version + 1));

    public async Task<Versioned<Price>?> ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        var read = Volatile.Read(ref _truth);
        await Held();
        return read;
    }
}

internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task HoldsAsync(Func<bool> condition) => HoldsAsync(() => Task.FromResult(condition()));

    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        using var over = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            Assert.False(over.IsCancellationRequested, "It never came true.");
            await Task.Delay(10);
        }
    }
}
