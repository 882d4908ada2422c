using Shop.BuildingBlocks.Messaging;
using Shop.Lab.Cluster;

namespace Shop.Lab.Queues;

/// <summary>A RabbitMQ node of its own and both kinds of queue on it, measured in turn.</summary>
/// <remarks>Sender and receiver are one process, the receiver does nothing: what is compared is the broker and the way to it.</remarks>
internal sealed class QueuesRun(QueuesOptions options)
{
    public async Task<QueuesResult> RunAsync(CancellationToken cancellationToken)
    {
        var directory = Directory.CreateTempSubdirectory("shop-queues-").FullName;
        var cluster = await ShopCluster.UpAsync(
            new ClusterOptions { Port = options.Port, Parts = ClusterParts.RabbitMq },
            new UpRequest { Directory = directory, Build = false },
            cancellationToken);
        try
        {
            return new QueuesResult(await MeasureAsync(cluster, cancellationToken));
        }
        finally
        {
            await cluster.DownAsync(cancellationToken: CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task<List<QueueRound>> MeasureAsync(ShopCluster cluster, CancellationToken cancellationToken)
    {
        await using var classic = await QueueHost.StartAsync(QueueKind.Classic, options, cluster, cancellationToken);
        await using var quorum = await QueueHost.StartAsync(QueueKind.Quorum, options, cluster, cancellationToken);

        // The first round of each warms up and does not count.
        await classic.RunAsync(cancellationToken);
        await quorum.RunAsync(cancellationToken);
        var rounds = new List<QueueRound>();
        for (var i = 0; i < options.Rounds; i++)
        {
            rounds.Add(await classic.RunAsync(cancellationToken));
            rounds.Add(await quorum.RunAsync(cancellationToken));
        }

        return rounds;
    }
}
