using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.BuildingBlocks.Locks.Redlock;
using Shop.BuildingBlocks.Redis;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Sessions;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Storage;
using StackExchange.Redis;

namespace Shop.IntegrationTests.Locks;

/// <summary>Redis servers of one test, to do harm to, and processes that lock on some of them.</summary>
internal sealed class RedlockWorld : IAsyncDisposable
{
    public const string Resource = "sku";
    public const string Key = $"shop/locks/{Resource}";

    private readonly List<RedlockNodes> _connections = [];

    private RedlockWorld(LockArena arena, IEnumerable<RedisServer> servers) => (Arena, Servers) = (arena, [.. servers]);

    /// <summary>Of the locks of processes that are made from now on.</summary>
    public TimeSpan TimeToLive { get; set; }

    public LockArena Arena { get; }

    public List<RedisServer> Servers { get; }

    public static async Task<RedlockWorld> StartAsync(int nodes, TimeSpan? timeToLive = null)
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, nodes).Select(_ => RedisServer.StartAsync()));
        return new RedlockWorld(await LockArena.StartAsync(), servers) { TimeToLive = timeToLive ?? LockConformance.Long };
    }

    public async Task<RedisServer> AddAsync(Task<RedisServer> server)
    {
        Servers.Add(await server);
        return Servers[^1];
    }

    public async Task<FencedLocks<InventoryDbContext>> FencedAsync(TimeProvider? clock = null, int away = 0, params RedisServer[] on) =>
        Arena.Fence(await LocksAsync(clock, away, on));

    /// <summary>A process of its own, with connections of its own: they stand, but to as many servers as are away.</summary>
    /// <remarks>On a clock that stands still ask with no patience: nothing ends the pause before a second try.</remarks>
    public async Task<ILocks> LocksAsync(TimeProvider? clock = null, int away = 0, params RedisServer[] on)
    {
        var options = Options.Create(new LockOptions
        {
            TimeToLive = TimeToLive,
            NodeTimeout = LockConformance.NodeTimeout,
            RetryDelay = TimeSpan.FromMilliseconds(50),
            MaxHold = TimeSpan.FromMinutes(10),
            Nodes = [.. (on.Length > 0 ? on : [.. Servers]).Select(server => server.ConnectionString)],
        });
        var connections = new RedlockNodes(options, NullLogger<RedisConnection>.Instance);
        _connections.Add(connections);
        await Eventually.TrueAsync(async () => (await connections.AskAsync(async redis => await redis.PingAsync() >= TimeSpan.Zero)).Away == away);
        return new RedlockLocks(connections, options, clock ?? TimeProvider.System, NullLogger<RedlockLocks>.Instance);
    }

    /// <summary>What a server that is up answers, when it does.</summary>
    public static async Task<T> AskAsync<T>(RedisServer server, Func<IDatabase, Task<T>> question)
    {
        await using var connection = RedisFixture.ConnectTo(server);
        T answer = default!;
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                answer = await connection.ExecuteAsync(question, default);
                return true;
            }
            catch (RedisUnavailableException)
            {
                return false;
            }
        });
        return answer;
    }

    public static Task<bool> HasKeyAsync(RedisServer server) => AskAsync(server, redis => redis.KeyExistsAsync(Key));

    /// <summary>How many of the servers, which are all up, have the key.</summary>
    public async Task<int> KeysAsync() => (await Task.WhenAll(Servers.Select(HasKeyAsync))).Count(hasKey => hasKey);

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
