using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Redis;
using StackExchange.Redis;

namespace Shop.BuildingBlocks.Locks.Redlock;

/// <summary>The N independent Redis servers, asked all at once.</summary>
/// <remarks>Nothing checks that they are independent. A replica that is promoted may not know what its primary granted, and then two owners find a majority.</remarks>
internal sealed class RedlockNodes(IOptions<LockOptions> options, ILogger<RedisConnection> logger) : IAsyncDisposable
{
    private readonly RedisConnection[] _nodes =
    [
        .. options.Value.Nodes.Select(node => new RedisConnection(
            Options.Create(new RedisOptions { ConnectionString = node, OperationTimeout = options.Value.NodeTimeout }), logger)),
    ];

    public int Quorum => (_nodes.Length / 2) + 1;

    public int Count => _nodes.Length;

    /// <summary>Waits for each node as long as <see cref="LockOptions.NodeTimeout"/>; cannot be cancelled, because what was sent may have its effect.</summary>
    public async Task<Votes> AskAsync(Func<IDatabase, Task<bool>> question)
    {
        var votes = await Task.WhenAll(_nodes.Select(AskOneAsync));
        return new Votes(votes.Count(vote => vote is true), votes.Count(vote => vote is false), votes.Count(vote => vote is null));

        async Task<bool?> AskOneAsync(RedisConnection node)
        {
            try
            {
                return await node.ExecuteAsync(question, CancellationToken.None);
            }
            catch (RedisUnavailableException)
            {
                return null;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }
}
