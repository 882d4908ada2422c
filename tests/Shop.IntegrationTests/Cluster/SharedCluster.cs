namespace Shop.IntegrationTests.Cluster;

/// <summary>One cluster for all classes that need a whole one: to start it takes longer than most of their tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedCluster : ICollectionFixture<ClusterFixture>
{
    public const string Name = "Shared cluster";
}
