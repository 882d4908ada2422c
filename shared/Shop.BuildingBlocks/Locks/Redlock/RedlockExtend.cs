using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>The extension: a new time to live where the key is still this owner's. It counts when a majority has it, in time.</summary>
/// <remarks>A node that has lost the key is not asked to grant it anew: it may have granted it to somebody else in between.</remarks>
internal static class RedlockExtend
{
    private static readonly RedisScript ProlongIfMine = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return 0
        """);

    public static Task<Votes> RunAsync(RedlockNodes nodes, string key, string value, TimeSpan timeToLive) =>
        nodes.AskAsync(async redis => (long)await ProlongIfMine.RunAsync(redis, [key], [value, (long)timeToLive.TotalMilliseconds]) == 1);
}
