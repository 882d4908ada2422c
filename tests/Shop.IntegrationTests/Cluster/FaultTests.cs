using System.Diagnostics;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Faults;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>The cluster under steady load of all four checkouts, while a process dies, freezes, or cannot be reached. It recovers without hands,
/// no acknowledged order is missing or unfinished, and the invariants hold.</summary>
[Collection(SharedCluster.Name)]
public sealed class FaultTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const int Buyers = 6;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan During = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongerThanATimeout = TimeSpan.FromSeconds(6); // of a call between two services
    private static readonly TimeSpan LongerThanAllTimeouts = TimeSpan.FromSeconds(12);
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
        ProcessStatus? server = null;
        await Eventually.TrueAsync(async () => (server = (await Cluster.StatusAsync()).FirstOrDefault(s => s.Role == (leader ? "leader" : "follower"))) is not null);
        await Cluster.KillAsync(server!.Name);
        await Task.Delay(During);
        await Cluster.StartAsync(server.Name);
    });

    [Theory]
    [InlineData("inventory-1")]
    [InlineData("ordering-2")]
    [InlineData("payments-2")]
    public Task A_frozen_replica_holds_up_nobody_for_ever(string process) => SurvivesAsync($"freeze {process}", async () =>
    {
        await Cluster.PauseAsync(process);
        await Task.Delay(LongerThanAllTimeouts);
        await Cluster.ResumeAsync(process);
    });

    [Theory]
    [InlineData("postgres")]
    [InlineData("rabbitmq")]
    public Task A_frozen_server_goes_on_where_it_was(string server) => SurvivesAsync($"freeze {server}", async () =>
    {
        await Cluster.PauseAsync(server);
        await Task.Delay(LongerThanATimeout);
        await Cluster.ResumeAsync(server);
    });

    // From the caller's side of the link; "all" is every process that connects there.
    [Theory]
    [InlineData("ordering-1", "all")]
    [InlineData("ordering", "payments")]
    [InlineData("payments", "ordering")]
    [InlineData("inventory", "rabbitmq")]
    [InlineData("payments", "postgres")]
    [InlineData("all", "postgres")]
    [InlineData("all", "rabbitmq")]
    public Task A_link_that_is_cut_costs_time_and_nothing_else(string from, string to) =>
        SurvivesAsync($"cut {from} -> {to}", During, Cluster.Link(from, to), link => link.CutAsync());

    [Theory]
    [InlineData("ordering", "payments", nameof(Way.There))]
    [InlineData("ordering", "payments", nameof(Way.Back))]
    [InlineData("ordering-2", "postgres", nameof(Way.Both))]
    [InlineData("inventory", "rabbitmq", nameof(Way.Back))]
    public Task A_black_hole_holds_up_nobody_for_ever(string from, string to, string way) =>
        SurvivesAsync($"black hole {from} -> {to}, {way}", LongerThanATimeout, Cluster.Link(from, to), link => link.BlackHoleAsync(Enum.Parse<Way>(way)));

    // Logging in to PostgreSQL takes some 500 bytes of answers, so that connections live for a few dozen statements.
    [Theory]
    [InlineData("ordering", "postgres", 3000)]
    [InlineData("payments", "postgres", 3000)]
    [InlineData("ordering", "inventory", 700)]
    public Task An_answer_that_is_cut_is_neither_success_nor_failure(string from, string to, int bytes) =>
        SurvivesAsync($"cut {from} -> {to} in the answer", During, Cluster.Link(from, to), link => link.CutAfterAsync(bytes));

    [Fact]
    public Task A_slow_link_makes_slow_and_nothing_else() => SurvivesAsync(
        "delay all -> postgres, 20 to 60 ms", During, Cluster.Link("all", "postgres"),
        link => link.DelayAsync(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20)));

    [Fact]
    public Task A_broker_that_restarts_with_a_full_queue_gives_it_back() => SurvivesAsync("restart rabbitmq with a full queue", async () =>
    {
        await Cluster.KillAsync("inventory-1");
        await Cluster.KillAsync("inventory-2");
        await Task.Delay(During);
        await Cluster.KillAsync("rabbitmq");
        await Cluster.StartAsync("rabbitmq");
        await Cluster.StartAsync("inventory-1");
        await Cluster.StartAsync("inventory-2");
    });

    private Task SurvivesAsync(string name, TimeSpan lasts, Link link, Func<Link, Task> fault) => SurvivesAsync(name, async () =>
    {
        try
        {
            await fault(link);
            await Task.Delay(lasts);
        }
        finally
        {
            await link.HealAsync();
        }
    });

    private async Task SurvivesAsync(string name, Func<Task> fault)
    {
        var seed = Environment.TickCount;
        var buyers = Enumerable.Range(0, Buyers).Select(i => new PatientBuyer(fixture.Address, seed + i)).ToList();
        await Task.WhenAll(buyers.Select(b => b.EnterAsync()));

        using var over = new CancellationTokenSource();
        var buying = buyers.Select(b => Task.Run(() => b.BuyUntilAsync(over.Token))).ToList();
        TimeSpan served;
        long healed;
        try
        {
            await Task.Delay(Before);
            await fault();
            healed = Stopwatch.GetTimestamp();
            await UntilAllAreServedAsync(buyers, buying);
            served = Stopwatch.GetElapsedTime(healed);
            await Task.Delay(Before);
        }
        finally
        {
            await over.CancelAsync(); // whatever happened: the next test has buyers of its own
        }

        await Task.WhenAll(buying);
        var report = await fixture.QuietInvariantsAsync(Patience);
        output.WriteLine(
            $"{name}: all served {served.TotalSeconds:F1} s and quiet {Stopwatch.GetElapsedTime(healed).TotalSeconds:F1} s after it was over; "
            + $"{buyers.Sum(b => b.Acknowledged)} orders, {buyers.Sum(b => b.Repeated)} requests repeated; seed {seed}");
        Invariants.AssertHold(report);
        Assert.Empty(report["needsAttention"]!.AsArray());
        foreach (var buyer in buyers)
        {
            await buyer.CheckAsync();
            buyer.Dispose();
        }

        // One in eight is cancelled, one in twenty is for what few can have. A shop that refuses the others keeps its invariants too.
        Assert.True(buyers.Sum(b => b.Confirmed) > buyers.Sum(b => b.Acknowledged) / 2, $"Of the orders only {buyers.Sum(b => b.Confirmed)} were confirmed.");
    }

    private static async Task UntilAllAreServedAsync(IReadOnlyList<PatientBuyer> buyers, IReadOnlyList<Task> buying)
    {
        var before = buyers.Select(b => b.Acknowledged).ToList();
        for (var waited = TimeSpan.Zero; buyers.Zip(before).Any(pair => pair.First.Acknowledged == pair.Second); waited += TimeSpan.FromMilliseconds(50))
        {
            await Task.WhenAll(buying.Where(b => b.IsFaulted)); // somebody got an answer that should not be

            Assert.True(waited < Patience, "Somebody is not served any more.");
            await Task.Delay(50);
        }
    }
}
