using System.Globalization;
using System.Text.Json;
using Shop.BuildingBlocks.Redis;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Caching;

/// <summary>What all processes share in Redis: values with their versions, leases to read one anew, and the record of changes.</summary>
/// <remarks>
/// A value is taken only from the holder of the key's lease, and only if nothing newer is known: whoever was paused for longer than the lease is
/// refused by the lease, whoever has read from a copy that lags is refused by the version. Every call may throw <see cref="RedisUnavailableException"/>.
/// </remarks>
public sealed class SharedLevel(RedisConnection redis, TimeProvider clock)
{
    // Longer than any lease: by then whoever read before the change has lost it.
    private static readonly TimeSpan MarkLifetime = TimeSpan.FromMinutes(10);

    private readonly string _prefix = $"{redis.KeyPrefix}cache:";

    public static string NewOwner() => Guid.NewGuid().ToString("N");

    public async Task<SharedAnswer> OpenAsync<T>(string cache, string key, string owner, TimeSpan leaseTime)
        where T : class
    {
        var values = (RedisValue[])(await RunAsync(CacheScripts.Open, [EntryKey(cache, key), LeaseKey(cache, key)], owner, Milliseconds(leaseTime)))!;
        return (string)values[0]! switch
        {
            "lease" => new SharedLease(),
            "busy" => new SharedBusy(),
            _ => Read<T>((byte[])values[2]!, (long)values[1]),
        };
    }

    public async Task<SharedAnswer> StoreAsync<T>(string cache, string key, string owner, Cached<T> value, TimeSpan lifetime)
        where T : class
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(new Stored<T>(value.ReadAt.ToUnixTimeMilliseconds(), value.Value!), JsonSerializerOptions.Web);
        var outcome = (string)(await RunAsync(
            CacheScripts.Store, [EntryKey(cache, key), LeaseKey(cache, key)], owner, value.Version, data, Milliseconds(lifetime)))!;
        return outcome is "stored" ? new SharedStored() : new SharedRefusal(Newer: outcome is "older");
    }

    public async Task<SharedAnswer> GiveBackAsync(string cache, string key, string owner)
    {
        await RunAsync(CacheScripts.GiveBack, [LeaseKey(cache, key)], owner);
        return new SharedStored();
    }

    /// <summary>The key has this version: what is older goes, can never come back, and every process is told. May be repeated.</summary>
    public Task InvalidateAsync(string cache, string key, long version) => RunAsync(
        CacheScripts.Invalidate,
        [EntryKey(cache, key), LeaseKey(cache, key), FeedKey, LogKey],
        version, Milliseconds(MarkLifetime), new Change(cache, key, version).ToString(), Channel);

    /// <summary>The key's value goes, whatever its version, and every process is told.</summary>
    public Task DropAsync(string cache, string key) => RunAsync(
        CacheScripts.Drop, [EntryKey(cache, key), LeaseKey(cache, key), FeedKey, LogKey], new Change(cache, key, null).ToString(), Channel);

    /// <summary>All values of the cache go, and every process is told. What is stored meanwhile may stay; what is older than a change may not.</summary>
    public async Task DropAllAsync(string cache)
    {
        var cursor = "0";
        do
        {
            var page = (RedisResult[])(await redis.ExecuteAsync(
                database => database.ExecuteAsync("SCAN", cursor, "MATCH", $"{_prefix}{cache}:*", "COUNT", "500"), CancellationToken.None))!;
            cursor = (string)page[0]!;
            if ((RedisKey[])page[1]! is { Length: > 0 } keys)
            {
                await redis.ExecuteAsync(database => database.KeyDeleteAsync(keys), CancellationToken.None);
            }
        }
        while (cursor != "0");

        await RunAsync(CacheScripts.Drop, [$"{_prefix}{cache}:", LeaseKey(cache, ""), FeedKey, LogKey], new Change(cache, Change.All, null).ToString(), Channel);
    }

    /// <summary>The changes after the one that was seen last.</summary>
    internal async Task<Changes> ChangesAsync(string feed, long seen)
    {
        var values = (RedisValue[])(await RunAsync(CacheScripts.Changes, [FeedKey, LogKey], feed, seen))!;
        return new Changes(values[0]!, (long)values[1], [.. values.Skip(2).Select(value => Change.Parse(value!)).OfType<Change>()]);
    }

    internal Task<bool> ListenAsync(Action onChange) => redis.SubscribeAsync(Channel, onChange, CancellationToken.None);

    private string FeedKey => $"{redis.KeyPrefix}changes";

    private string LogKey => $"{redis.KeyPrefix}changes:log";

    private string Channel => $"{redis.KeyPrefix}changes:told";

    private string EntryKey(string cache, string key) => $"{_prefix}{cache}:{key}";

    private string LeaseKey(string cache, string key) => $"{redis.KeyPrefix}lease:{cache}:{key}";

    private SharedHit<T> Read<T>(byte[] data, long version)
        where T : class
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored<T>>(data, JsonSerializerOptions.Web);
            return new SharedHit<T>(stored?.Value, version, DateTimeOffset.FromUnixTimeMilliseconds(stored?.At ?? 0));
        }
        catch (JsonException)
        {
            return new SharedHit<T>(null, version, clock.GetUtcNow());
        }
    }

    private Task<RedisResult> RunAsync(RedisScript script, string[] keys, params RedisValue[] arguments) => redis.ExecuteAsync(
        database => script.RunAsync(database, [.. keys.Select(key => (RedisKey)key)], arguments), CancellationToken.None);

    private static long Milliseconds(TimeSpan duration) => (long)Math.Ceiling(duration.TotalMilliseconds);

    private sealed record Stored<T>(long At, T Value);
}

/// <summary>What Redis says to a request for a key, or to its new value.</summary>
public abstract record SharedAnswer;

internal sealed record SharedHit<T>(T? Value, long Version, DateTimeOffset ReadAt) : SharedAnswer;

/// <summary>Nobody has the value: whoever gets this reads it, before the lease ends.</summary>
internal sealed record SharedLease : SharedAnswer;

/// <summary>Another process is reading.</summary>
internal sealed record SharedBusy : SharedAnswer;

internal sealed record SharedStored : SharedAnswer;

/// <summary>The value was not taken: something newer is known, or the lease was lost.</summary>
internal sealed record SharedRefusal(bool Newer) : SharedAnswer;

/// <summary>What every process is told: this key of this cache has this version. Without one it is only to be forgotten.</summary>
/// <remarks>A key of <c>*</c> stands for all of them. Keys hold no spaces.</remarks>
public sealed record Change(string Cache, string Key, long? Version)
{
    internal const string All = "*";

    private const string None = "-";

    public bool IsOfAll => Key == All;

    /// <summary>Null for a record of a form that this version does not know.</summary>
    internal static Change? Parse(string record) => record.Split(' ') switch
    {
        [_, var cache, var key, None] => new Change(cache, key, null),
        [_, var cache, var key, var text] when long.TryParse(text, CultureInfo.InvariantCulture, out var version) => new Change(cache, key, version),
        _ => null,
    };

    public override string ToString() => $"{Cache} {Key} {Version?.ToString(CultureInfo.InvariantCulture) ?? None}";
}

internal sealed record Changes(string Feed, long Last, IReadOnlyList<Change> Records);
