using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;

namespace Shop.IntegrationTests.Cluster;

/// <summary>All servers of a cluster, for the tests of one class.</summary>
public sealed class ServersFixture : IAsyncLifetime
{
    private readonly TempDirectory _directory = new();

    internal ShopCluster Cluster { get; private set; } = null!;

    public async Task InitializeAsync() => Cluster = await Servers.UpAsync(_directory.Path, ClusterParts.Servers);

    public async Task DisposeAsync()
    {
        // Not there when the start failed; then it has cleaned up by itself.
        if (Cluster is not null)
        {
            await Cluster.DownAsync();
        }

        Assert.Empty(Servers.Left(_directory.Path));
        _directory.Dispose();
    }
}
