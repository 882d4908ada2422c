using System.Diagnostics;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>The cluster under steady load, while one of its processes dies or freezes. It recovers without hands, no acknowledged order is
/// missing or unfinished, and the invariants hold.</summary>
[Collection(SharedCluster.Name)]
public sealed class FaultTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const int Buyers = 6;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan During = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private ShopCluster Cluster => fixture.Cluster;

    [Theory]
    [InlineData("ordering-1")]
    [InlineData("inventory-2")]
    [InlineData("payments-1")]
    [InlineData("gateway-2")]
    [InlineData("rabbitmq")]
    [InlineData("postgres")]
    [InlineData("redis")]
    public Task A_killed_process_costs_time_and_nothing_else(string process) => SurvivesAsync($"kill {process}", async () =>
    {
        await Cluster.KillAsync(process);
        await Task.Delay(During);
        await Cluster.StartAsync(process);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_killed_consul_server_costs_nothing(bool leader) => SurvivesAsync($"kill consul {(leader ? "leader" : "follower")}", async () =>
    {
        var status = await Cluster.StatusAsync();
        var server = status.First(s => s.Process.Name.StartsWith("consul", StringComparison.Ordinal) && (s.Role == "leader") == leader).Process.Name;
        await Cluster.KillAsync(server);
        await Task.Delay(During);
        await Cluster.StartAsync(server);
    });

    [Theory]
    [InlineData("inventory-1")]
    [InlineData("ordering-2")]
    public Task A_frozen_replica_holds_up_nobody_for_ever(string process) => SurvivesAsync($"freeze {process}", async () =>
    {
        await Cluster.PauseAsync(process);
        await Task.Delay(TimeSpan.FromSeconds(12)); // longer than every timeout between the processes
        await Cluster.ResumeAsync(process);
    });

    [Fact]
    public Task A_broker_that_restarts_with_a_full_queue_gives_it_back() => SurvivesAsync("restart rabbitmq with a full queue", async () =>
    {
        await Cluster.StopAsync("inventory-1");
        await Cluster.StopAsync("inventory-2");
        await Task.Delay(During);
        await Cluster.KillAsync("rabbitmq");
        await Cluster.StartAsync("rabbitmq");
        await Cluster.StartAsync("inventory-1");
        await Cluster.StartAsync("inventory-2");
    });

    private async Task SurvivesAsync(string name, Func<Task> fault)
    {
        var seed = Environment.TickCount;
        var buyers = Enumerable.Range(0, Buyers).Select(i => new PatientBuyer(fixture.Address, seed + i)).ToList();
        await Task.WhenAll(buyers.Select(b => b.EnterAsync()));

        using var over = new CancellationTokenSource();
        var buying = buyers.Select(b => Task.Run(() => b.BuyUntilAsync(over.Token))).ToList();
        await Task.Delay(Before);
        await fault();
        var healed = Stopwatch.GetTimestamp();
        await Task.Delay(Before);
        await over.CancelAsync();
        await Task.WhenAll(buying);

        var report = await fixture.QuietInvariantsAsync(Patience);
        output.WriteLine(
            $"{name}: quiet {Stopwatch.GetElapsedTime(healed).TotalSeconds:F1} s after it was over; {buyers.Sum(b => b.Acknowledged)} orders, "
            + $"{buyers.Sum(b => b.Repeated)} requests repeated; seed {seed}");
        Invariants.AssertHold(report);
        Assert.Empty(report["needsAttention"]!.AsArray());
        foreach (var buyer in buyers)
        {
            await buyer.CheckAsync();
            buyer.Dispose();
        }
    }
}
