using Shop.IntegrationTests.Cluster;
using Shop.IntegrationTests.Crashes;
using Shop.IntegrationTests.Support;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer($"Shop.IntegrationTests.Support.{nameof(LongestFirst)}", "Shop.IntegrationTests")]

namespace Shop.IntegrationTests.Support;

/// <summary>What takes minutes begins first: begun last, it would run while the other cores have nothing left to do.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = [nameof(KillRoundsTests), OwnCluster.Name];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => Long.Any(name => collection.DisplayName.Contains(name, StringComparison.Ordinal)));
}
