using System.Collections.Immutable;
using Shop.BuildingBlocks.Discovery;

namespace Shop.UnitTests.Discovery;

public sealed class ServiceListTests
{
    [Fact]
    public void An_empty_answer_leaves_the_last_good_list_and_marks_it()
    {
        var known = ServiceList.Empty.After([Replica("a"), Replica("b")]);

        var after = known.After([]);

        Assert.Equal(known.Instances, after.Instances);
        Assert.True(after.IsLastGood);
        Assert.False(after.After([Replica("a")]).IsLastGood);
    }

    [Fact]
    public void An_answer_with_fewer_is_believed_and_one_id_is_one_replica()
    {
        var known = ServiceList.Empty.After([Replica("a"), Replica("b"), Replica("c")]);

        Assert.Equal(["a", "c"], known.After([Replica("c"), Replica("a"), Replica("a")]).Instances.Select(replica => replica.InstanceId));
    }

    [Fact]
    public void A_service_that_was_never_there_is_empty_and_no_last_good() => Assert.Equal((0, false), (ServiceList.Empty.After([]).Instances.Length, ServiceList.Empty.After([]).IsLastGood));

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0", 0)]
    [InlineData(null, 1)]
    [InlineData("-1", 1)]
    [InlineData("1001", 1)]
    [InlineData("heavy", 1)]
    public void A_weight_that_makes_no_sense_is_1(string? text, int weight) => Assert.Equal(weight, Replica("a", weight: text).Weight);

    [Theory]
    [InlineData(new[] { 1, 1 }, new[] { 500, 500 })]
    [InlineData(new[] { 1, 3 }, new[] { 250, 750 })]
    [InlineData(new[] { 0, 1, 4 }, new[] { 0, 200, 800 })]
    [InlineData(new[] { 0, 0 }, new[] { 500, 500 })]
    public void Turns_are_shared_out_by_weight_in_every_stretch(int[] weights, int[] shares)
    {
        var replicas = weights.Select((weight, index) => (Weight: weight, Index: index)).ToArray();
        foreach (var start in new uint[] { 0, 12_345, uint.MaxValue - 500 })
        {
            var counts = new int[weights.Length];
            for (var i = 0u; i < 1000; i++)
            {
                counts[WeightedChoice.Pick(replicas, replica => replica.Weight, unchecked(start + i)).Index]++;
            }

            Assert.All(counts.Zip(shares), pair => Assert.InRange(pair.First, pair.Second - 5, pair.Second + 5));
        }
    }

    [Fact]
    public void Callers_stay_in_their_zone_as_long_as_somebody_there_takes_something()
    {
        ImmutableArray<ServiceInstance> all = [Replica("a", "east"), Replica("b", "west"), Replica("c", "north", "0")];

        Assert.Equal(["a"], all.InZone("east").Select(replica => replica.InstanceId));
        Assert.Equal(3, all.InZone("south").Count);
        Assert.Equal(3, all.InZone("north").Count);
        Assert.Equal(3, all.InZone(null).Count);
    }

    private static ServiceInstance Replica(string id, string? zone = null, string? weight = null)
    {
        var tags = ImmutableDictionary<string, string?>.Empty;
        tags = zone is null ? tags : tags.SetItem("zone", zone);
        return new ServiceInstance("inventory", id, new Uri($"http://{id}:80"), weight is null ? tags : tags.SetItem("weight", weight));
    }
}
