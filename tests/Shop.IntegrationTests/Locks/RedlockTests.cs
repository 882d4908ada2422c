using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Redlock;
using Shop.BuildingBlocks.Redis;
using Shop.IntegrationTests.Sessions;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Locks;

/// <summary>Redlock on three servers that are well.</summary>
public sealed class RedlockTests(ITestOutputHelper output, RedlockTests.Nodes nodes) : ServerLockConformance(output), IClassFixture<RedlockTests.Nodes>
{
    private readonly List<RedlockNodes> _connections = [];

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var connections in _connections)
        {
            await connections.DisposeAsync();
        }
    }

    internal override ILocks Make(LockOptions options, TimeProvider clock)
    {
        options.Nodes = [.. nodes.Servers.Select(server => server.ConnectionString)];
        var connections = new RedlockNodes(Options.Create(options), NullLogger<RedisConnection>.Instance);
        _connections.Add(connections);
        return new RedlockLocks(connections, Options.Create(options), clock, NullLogger<RedlockLocks>.Instance);
    }

    protected override async Task TakeAwayAsync()
    {
        var taken = 0;
        foreach (var server in nodes.Servers.Take(2))
        {
            await using var connection = RedisFixture.ConnectTo(server);
            taken += await connection.ExecuteAsync(redis => redis.KeyDeleteAsync($"shop/locks/{Resource}"), default) ? 1 : 0;
        }

        Assert.NotEqual(0, taken); // it is held by two at least, and so by one of these
    }

    public sealed class Nodes : IAsyncLifetime
    {
        internal IReadOnlyList<RedisServer> Servers { get; private set; } = [];

        public async Task InitializeAsync() => Servers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => RedisServer.StartAsync()));

        public async Task DisposeAsync()
        {
            foreach (var server in Servers)
            {
                await server.DisposeAsync();
            }
        }
    }
}
