using StackExchange.Redis;

namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>Step 2 of the algorithm: the same key and the same random value on every node, where nobody holds the key.</summary>
internal static class RedlockAcquire
{
    private const string Granted = "OK";

    public static Task<Votes> RunAsync(RedlockNodes nodes, string key, string value, TimeSpan timeToLive) =>
        nodes.AskAsync(redis => TakeAsync(redis, key, value, timeToLive));

    private static async Task<bool> TakeAsync(IDatabase redis, RedisKey key, RedisValue value, TimeSpan timeToLive) =>
        (string?)await redis.ExecuteAsync("SET", key, value, "NX", "PX", (long)timeToLive.TotalMilliseconds) == Granted;
}
