using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.Ordering.Invariants;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Leaders and worker ids of real processes, which get real signals.</summary>
[Collection(SharedCluster.Name)]
public sealed class DutyTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private const double Patience = 90;
    private const int Lives = 3;

    private static readonly string[] Replicas = ["ordering-1", "ordering-2"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_leader_that_dies_or_freezes_is_followed_with_a_higher_epoch_and_leads_no_more_when_it_is_back(bool freezes)
    {
        var (old, epoch) = await LeaderAsync();
        var other = Replicas.Single(r => r != old);

        var started = Stopwatch.GetTimestamp();
        await (freezes ? fixture.Cluster.PauseAsync(old) : fixture.Cluster.KillAsync(old));
        await Eventually.TrueAsync(async () => (await ViewAsync(other))?["lead"] is { } lead && lead["epoch"]!.GetValue<long>() > epoch, Patience);
        var took = Stopwatch.GetElapsedTime(started);

        // Resumed, it may believe in itself for as long as it takes to look at its clock: the first look ends that.
        await (freezes ? fixture.Cluster.ResumeAsync(old) : fixture.Cluster.StartAsync(old));
        var resumed = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(async () => await ViewAsync(old) is { } view && view["lead"] is null, Patience);
        output.WriteLine($"{(freezes ? "SIGSTOP" : "SIGKILL")} of the leader: followed after {took.TotalSeconds:F1} s; back, it said that it does not lead within {Stopwatch.GetElapsedTime(resumed).TotalMilliseconds:F0} ms");

        await Eventually.EqualAsync<string?>([other], async () => [(await ViewAsync(old))?["newest"]?["holder"]?.GetValue<string>()], Patience);
        await Eventually.TrueAsync(async () => (await ViewAsync(other))?["lead"] is not null, Patience);
    }

    [Fact]
    public async Task Killed_and_started_again_and_again_a_service_makes_no_id_twice()
    {
        var buyers = Enumerable.Range(0, 3).Select(i => new PatientBuyer(fixture.Address, i)).ToList();
        await Task.WhenAll(buyers.Select(b => b.EnterAsync()));
        using var over = new CancellationTokenSource();
        var buying = buyers.Select(b => Task.Run(() => b.BuyUntilAsync(over.Token))).ToList();
        try
        {
            for (var life = 0; life < Lives; life++)
            {
                await fixture.Cluster.KillAsync("ordering-1");
                await fixture.Cluster.StartAsync("ordering-1");
            }
        }
        finally
        {
            await over.CancelAsync();
        }

        await Task.WhenAll(buying);
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(TimeSpan.FromMinutes(2)));
        foreach (var buyer in buyers)
        {
            await buyer.CheckAsync(); // each key made an order with an id of its own
            buyer.Dispose();
        }

        var (_, keys) = await Clients.ConsulAsync(HttpMethod.Get, fixture.Cluster.Connections.Consul[0], "/v1/kv/shop/ids/workers/?keys", fixture.Cluster.Secrets.ConsulServiceToken);
        var workers = JsonNode.Parse(keys)!.AsArray().Count;
        output.WriteLine($"{buyers.Sum(b => b.Acknowledged)} orders in {Lives} lives of one replica; {workers} worker ids were used");
        Assert.True(workers > Lives, $"{workers} worker ids for {Lives} processes that were killed");
    }

    private async Task<(string Replica, long Epoch)> LeaderAsync()
    {
        (string Replica, long Epoch)? leader = null;
        await Eventually.TrueAsync(
            async () =>
            {
                foreach (var replica in Replicas)
                {
                    leader = (await ViewAsync(replica))?["lead"] is { } lead ? (replica, lead["epoch"]!.GetValue<long>()) : leader;
                }

                return leader is not null;
            },
            Patience);
        return leader!.Value;
    }

    /// <summary>Null while it does not answer.</summary>
    private async Task<JsonNode?> ViewAsync(string replica)
    {
        var port = fixture.Cluster.Connections.Ports.Ordering(replica[^1] - '0');
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            var duties = await fixture.Operator.GetFromJsonAsync<JsonArray>(new Uri($"http://127.0.0.1:{port}/ops/leaders"), patience.Token);
            return duties!.Single(duty => duty!["duty"]!.GetValue<string>() == InvariantWatch.Duty);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }
}
