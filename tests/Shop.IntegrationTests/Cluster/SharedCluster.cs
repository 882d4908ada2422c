namespace Shop.IntegrationTests.Cluster;

/// <summary>One cluster for all classes that need a whole one: to start it takes longer than most of their tests.</summary>
/// <remarks>Nothing else runs beside it: two cores have enough to do with its twenty processes.</remarks>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedCluster : ICollectionFixture<ClusterFixture>
{
    public const string Name = "Shared cluster";
}

/// <summary>Classes that start servers of their own, one after the other: two clusters at once are too many for two cores.</summary>
[CollectionDefinition(Name)]
public sealed class OwnCluster
{
    public const string Name = "A cluster of one's own";
}
