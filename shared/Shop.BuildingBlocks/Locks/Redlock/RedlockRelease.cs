using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>Gives back on every node, also where the answer to the acquisition did not come: it may have been granted there.</summary>
/// <remarks>A node that cannot be reached keeps the key until its time to live ends.</remarks>
internal static class RedlockRelease
{
    // The value is its owner's: a key that has ended and is somebody else's by now must stay.
    private static readonly RedisScript DeleteIfMine = new("""
        if redis.call('GET', KEYS[1]) == ARGV[1] then
          return redis.call('DEL', KEYS[1])
        end
        return 0
        """);

    public static Task<Votes> RunAsync(RedlockNodes nodes, string key, string value) =>
        nodes.AskAsync(async redis => (long)await DeleteIfMine.RunAsync(redis, [key], [value]) == 1);
}
