using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Caching;

/// <summary>The steps that Redis takes as one. An entry is a hash: the version, and the data unless only the version is known.</summary>
internal static class CacheScripts
{
    /// <summary>Entry and lease; who asks, and for how long the lease would be. Answers "hit", version and data, or "lease", or "busy".</summary>
    public static readonly RedisScript Open = new("""
        local found = redis.call('HMGET', KEYS[1], 'version', 'data')
        if found[2] then return {'hit', found[1], found[2]} end
        if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {'lease'} end
        return {'busy'}
        """);

    /// <summary>Entry and lease; who stores, version, data, lifetime. Answers "stored", "late" or "older".</summary>
    public static readonly RedisScript Store = new("""
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'late' end
        redis.call('DEL', KEYS[2])
        local known = redis.call('HGET', KEYS[1], 'version')
        if known and tonumber(known) > tonumber(ARGV[2]) then return 'older' end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'version', ARGV[2], 'data', ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return 'stored'
        """);

    /// <summary>Lease; who gives it back.</summary>
    public static readonly RedisScript GiveBack = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0
        """);

    // Every change has a number; a process that has seen number n and finds n + 2 knows that it has missed one.
    private const string Tell = """
        local function tell(record, channel)
          local number = redis.call('HINCRBY', KEYS[3], 'last', 1)
          redis.call('ZADD', KEYS[4], number, string.format('%.0f ', number) .. record)
          redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1001)
          redis.call('PUBLISH', channel, number)
          return number
        end

        """;

    /// <summary>Entry, lease, feed and its log; version, how long to remember it, the record, the channel.</summary>
    public static readonly RedisScript Invalidate = new(Tell + """
        local known = redis.call('HGET', KEYS[1], 'version')
        if not known or tonumber(known) < tonumber(ARGV[1]) then
          redis.call('DEL', KEYS[1], KEYS[2])
          redis.call('HSET', KEYS[1], 'version', ARGV[1])
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return tell(ARGV[3], ARGV[4])
        """);

    /// <summary>Entry, lease, feed and its log; the record, the channel.</summary>
    public static readonly RedisScript Drop = new(Tell + """
        redis.call('DEL', KEYS[1], KEYS[2])
        return tell(ARGV[1], ARGV[2])
        """);

    /// <summary>Feed and its log; a name for a feed that has none, the number seen last. Answers the feed's name, its last number, and the records in between.</summary>
    public static readonly RedisScript Changes = new("""
        local feed = redis.call('HMGET', KEYS[1], 'name', 'last')
        local name, last, seen = feed[1], tonumber(feed[2] or '0'), tonumber(ARGV[2])
        if not name then
          name = ARGV[1]
          redis.call('HSET', KEYS[1], 'name', name)
        end
        local answer = {name, string.format('%.0f', last)}
        if seen >= 0 and last > seen then
          for _, record in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], seen + 1, '+inf')) do answer[#answer + 1] = record end
        end
        return answer
        """);
}
