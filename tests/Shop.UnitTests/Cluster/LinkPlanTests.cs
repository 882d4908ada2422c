using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Cluster.Model;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Cluster;

/// <summary>Which links a cluster has, and that applications use them.</summary>
public sealed class LinkPlanTests
{
    private static readonly ClusterSecrets Secrets = ClusterSecrets.Generate();
    private static readonly ClusterOptions Linked = new() { Parts = ClusterParts.All | ClusterParts.Links };
    private static readonly ClusterOptions Largest = Linked with { Replicas = ClusterOptions.MaxReplicas, Gateways = ClusterOptions.MaxReplicas, LockNodes = 5 };

    [Fact]
    public void There_are_none_unless_they_are_asked_for()
    {
        var model = Model(new());

        Assert.Empty(model.Connections.Links);
        Assert.DoesNotContain(model.Processes, process => process.Part is ClusterParts.Links);
        Assert.Throws<ClusterException>(() => LinkPlan.Match(model.Connections.Links, "ordering-1", "postgres"));
    }

    [Fact]
    public void Every_link_has_a_port_of_its_own_behind_those_of_the_processes()
    {
        var ports = Model(Largest).Connections.Links.Select(link => link.Port).ToList();

        Assert.Equal(ports.Distinct(), ports);
        Assert.All(ports, port => Assert.InRange(port, Largest.Port + PortPlan.Size, Largest.Port + Largest.PortCount - 1));
    }

    [Fact]
    public void No_application_knows_a_way_past_its_links()
    {
        var model = Model(Linked);
        foreach (var link in model.Connections.Links)
        {
            var settings = model[link.From].Environment;
            Assert.Contains(settings, setting => HasPort(setting.Value, link.Port));
            Assert.DoesNotContain(settings, setting => HasPort(setting.Value, link.TargetPort));
        }
    }

    [Fact]
    public void A_replica_is_registered_where_it_listens_and_reached_by_each_caller_over_its_own_link()
    {
        var model = Model(Linked);
        var settings = model["payments-2"].Environment;
        var link = Assert.Single(LinkPlan.Match(model.Connections.Links, "payments-2", "ordering-1"));

        Assert.Equal($"{model.Connections.Ports.Payments(2)}", settings["Consul__Discovery__Port"]);
        var index = settings.Single(setting => setting.Value == "ordering-1" && setting.Key.EndsWith("InstanceId", StringComparison.Ordinal)).Key.Split("__")[^2];
        Assert.Equal($"http://127.0.0.1:{link.Port}/", settings[$"Consul__Discovery__Via__{index}__Address"]);
    }

    [Theory]
    [InlineData("ordering-1", "postgres", 1)]
    [InlineData("ordering", "postgres", 2)]
    [InlineData("ordering", "payments", 4)]
    [InlineData("all", "rabbitmq", 6)]
    [InlineData("gateway-2", "inventory-1", 1)]
    [InlineData("payments-1", "consul", 1)]
    [InlineData("all", "redis", 8)]
    public void A_name_means_a_process_all_replicas_of_a_service_or_everybody(string from, string to, int links) =>
        Assert.Equal(links, LinkPlan.Match(Model(Linked).Connections.Links, from, to).Count);

    [Theory]
    [InlineData("mysql", "postgres", "ordering-1")]
    [InlineData("gateway-1", "postgres", "redis")]
    [InlineData("ordering-1", "ordering-2", "payments-1")]
    public void A_link_that_is_not_there_is_refused_with_those_there_are(string from, string to, string hint) =>
        Assert.Contains(hint, Assert.Throws<ClusterException>(() => LinkPlan.Match(Model(Linked).Connections.Links, from, to)).Message, StringComparison.Ordinal);

    private static ClusterModel Model(ClusterOptions options) => ClusterModel.Create(options, new("/cluster"), Secrets, new SourceTree(Repository.Root));

    private static bool HasPort(string text, int port) => text.Split(':', '=', ';', '/', ',', '@').Contains($"{port}");
}
