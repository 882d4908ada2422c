using Microsoft.Extensions.Options;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Sessions;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Load;

/// <summary>Sessions in the cluster's Redis, made by the gateway's own store, for rows that have no services to log in to.</summary>
internal static class Sessions
{
    /// <returns>The bearer token of each.</returns>
    public static async Task<IReadOnlyList<string>> CreateAsync(ShopCluster cluster, int count, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var redis = RedisBench.Connect(cluster.Connections.Redis);
        var options = new ShopSessionOptions();
        var store = new RedisSessionStore(redis, Options.Create(options), clock);
        var tokens = new List<string>(count);
        for (var i = 1; i <= count; i++)
        {
            var (token, key) = SessionKey.New();
            await store.CreateAsync(key, Session.Start(i, $"bench-{i}", options, clock.GetUtcNow()), cancellationToken);
            tokens.Add(token);
        }

        return tokens;
    }
}
