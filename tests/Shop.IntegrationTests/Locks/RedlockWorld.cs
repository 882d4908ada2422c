using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.BuildingBlocks.Locks.Redlock;
using Shop.BuildingBlocks.Redis;
using Shop.IntegrationTests.Sessions;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Storage;

namespace Shop.IntegrationTests.Locks;

/// <summary>Redis servers of one test, to do harm to, and processes that lock on some of them.</summary>
internal sealed class RedlockWorld : IAsyncDisposable
{
    public const string Resource = "sku";
    public const string Key = $"shop/locks/{Resource}";

    private readonly List<RedlockNodes> _connections = [];

    private RedlockWorld(LockArena arena, IEnumerable<RedisServer> servers) => (Arena, Servers) = (arena, [.. servers]);

    /// <summary>Long where a test is to end before it does.</summary>
    public TimeSpan TimeToLive { get; private init; }

    public LockArena Arena { get; }

    public List<RedisServer> Servers { get; }

    public static async Task<RedlockWorld> StartAsync(int nodes, TimeSpan? timeToLive = null)
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, nodes).Select(_ => RedisServer.StartAsync()));
        return new RedlockWorld(await LockArena.StartAsync(), servers) { TimeToLive = timeToLive ?? TimeSpan.FromSeconds(3) };
    }

    public async Task<RedisServer> AddAsync(Task<RedisServer> server)
    {
        Servers.Add(await server);
        return Servers[^1];
    }

    public FencedLocks<InventoryDbContext> Fenced(TimeProvider? clock = null, params RedisServer[] on) => Arena.Fence(Locks(clock, on));

    /// <summary>A process of its own, with connections of its own.</summary>
    public ILocks Locks(TimeProvider? clock = null, params RedisServer[] on)
    {
        var options = Options.Create(new LockOptions
        {
            TimeToLive = TimeToLive,
            NodeTimeout = TimeSpan.FromSeconds(1),
            RetryDelay = TimeSpan.FromMilliseconds(50),
            MaxHold = TimeSpan.FromMinutes(10),
            Nodes = [.. (on.Length > 0 ? on : [.. Servers]).Select(server => server.ConnectionString)],
        });
        var connections = new RedlockNodes(options, NullLogger<RedisConnection>.Instance);
        _connections.Add(connections);
        return new RedlockLocks(connections, options, clock ?? TimeProvider.System, NullLogger<RedlockLocks>.Instance);
    }

    public async Task<bool> HasKeyAsync(RedisServer server)
    {
        await using var connection = RedisFixture.ConnectTo(server);
        return await connection.ExecuteAsync(redis => redis.KeyExistsAsync(Key), default);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connections in _connections)
        {
            await connections.DisposeAsync();
        }

        foreach (var server in Servers)
        {
            await server.DisposeAsync();
        }

        await Arena.DisposeAsync();
    }
}
