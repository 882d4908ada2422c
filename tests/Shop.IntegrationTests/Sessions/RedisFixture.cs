using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using StackExchange.Redis;

namespace Shop.IntegrationTests.Sessions;

/// <summary>One redis-server for the tests of a class that do it no harm.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private RedisServer _server = null!;

    public RedisConnection Connection { get; private set; } = null!;

    internal static RedisConnection ConnectTo(RedisServer server, TimeSpan? timeout = null) => new(
        Options.Create(new RedisOptions { ConnectionString = server.ConnectionString, OperationTimeout = timeout ?? TimeSpan.FromSeconds(10) }),
        NullLogger<RedisConnection>.Instance);

    /// <summary>How many commands of this kind the server has run.</summary>
    public Task<long> CallsAsync(string command) => CallsAsync(Connection, command);

    internal static async Task<long> CallsAsync(RedisConnection connection, string command)
    {
        var statistics = (string)(await connection.ExecuteAsync(redis => redis.ExecuteAsync("INFO", "commandstats"), default))!;
        var line = statistics.Split('\n').FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:calls=", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split('=', ',')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async Task InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        Connection = ConnectTo(_server);

        // A first connection that does not come about within a second is tried again later, and who asks meanwhile is told that Redis is away. While all
        // tests begin at once that happens.
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return await Connection.ExecuteAsync(redis => redis.PingAsync(), default) > TimeSpan.Zero;
            }
            catch (RedisUnavailableException)
            {
                return false;
            }
        });
    }

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _server.DisposeAsync();
    }
}
