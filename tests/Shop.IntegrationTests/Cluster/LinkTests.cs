using System.Net.Sockets;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Faults;

namespace Shop.IntegrationTests.Cluster;

/// <summary>The links of a cluster, by commands as a user gives them.</summary>
[Collection(SharedCluster.Name)]
public sealed class LinkTests(ClusterFixture fixture)
{
    private ShopCluster Cluster => fixture.Cluster;

    [Fact]
    public async Task A_link_is_cut_shown_and_healed_by_command()
    {
        var link = Cluster.Link("inventory-1", "redis-lock-1");
        Assert.True(await AcceptsAsync(link));

        Assert.Equal((0, ""), await RunAsync("cut", "inventory-1", "redis-lock-1"));
        Assert.False(await AcceptsAsync(link));
        var (exitCode, shown) = await RunAsync("links");
        Assert.Equal(1, exitCode);
        Assert.Contains("inventory-1 -> redis-lock-1: cut", shown, StringComparison.Ordinal);

        Assert.Equal((0, ""), await RunAsync("delay", "inventory-1", "redis-lock-1", "--ms", "5", "--jitter", "3", "--way", "back"));
        Assert.Equal(
            LinkFaults.Of(new Toxics { Latency = TimeSpan.FromMilliseconds(5), Jitter = TimeSpan.FromMilliseconds(3) }, Way.Back),
            Assert.Single(await link.StatusAsync()).Faults);

        Assert.Equal((0, ""), await RunAsync("heal"));
        Assert.True(await AcceptsAsync(link));
        Assert.Equal(0, (await RunAsync("links")).ExitCode);
    }

    [Theory]
    [InlineData("nothing connects from 'mysql'", "cut", "mysql", "postgres")]
    [InlineData("'gateway-1' does not connect to 'postgres'", "hole", "gateway-1", "postgres")]
    public async Task A_link_that_is_not_there_ends_in_one_line(string expected, params string[] command)
    {
        var (exitCode, printed) = await RunAsync(command);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"cluster: {expected}: one of ", printed, StringComparison.Ordinal);
        Assert.Single(printed.Trim().Split('\n'));
    }

    [Fact]
    public async Task Whoever_has_not_the_key_of_the_cluster_changes_nothing()
    {
        var link = Cluster.Link("ordering-1", "postgres");
        var stranger = new LinkClient(Cluster.Connections.Ports.LinkControl, "guess");

        var refusal = await Assert.ThrowsAsync<ClusterException>(() => stranger.AskAsync(link.Links, new LinkFaults { Cut = true }, default));

        Assert.Contains("not the key", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(LinkFaults.None, Assert.Single(await link.StatusAsync()).Faults);
    }

    private async Task<(int ExitCode, string Printed)> RunAsync(params string[] arguments)
    {
        using var command = await Servers.CommandAsync([.. arguments, "--directory", Cluster.Directory.Path]);
        var output = command.StandardOutput.ReadToEndAsync();
        var errors = command.StandardError.ReadToEndAsync();
        await command.WaitForExitAsync();
        return (command.ExitCode, await output + await errors);
    }

    private static async Task<bool> AcceptsAsync(Link link)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync("127.0.0.1", Assert.Single(link.Links).Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
