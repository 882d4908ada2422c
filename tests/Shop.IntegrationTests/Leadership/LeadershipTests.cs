using System.Diagnostics;
using Shop.BuildingBlocks.Leadership;
using Shop.IntegrationTests.Cluster;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Xunit.Abstractions;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Leadership;

/// <summary>One leader for each duty, on a real Consul and a real PostgreSQL, while leaders die, freeze and are cut off.</summary>
[Collection(PostgresCollection.Name)]
public sealed class LeadershipTests(PostgresFixture postgres, ITestOutputHelper output) : IAsyncLifetime
{
    private const double Patience = 90;

    // Who is not to lose its lead keeps it over any pause of a busy machine. Twice this, the longest that a lead which was not given back can stay
    // taken, is within the patience.
    private static readonly (string, string) LongLead = ("Leadership:TimeToLive", "00:00:30");

    private readonly List<DutyReplica> _replicas = [];
    private ConsulProcess _consul = null!;
    private string _database = "";

    public async Task InitializeAsync()
    {
        _consul = await ConsulProcess.StartAsync();
        _database = await postgres.CreateDatabaseAsync();
        await ExecuteAsync(_database, "CREATE TABLE counted (epoch BIGINT NOT NULL, replica TEXT NOT NULL)");
    }

    public async Task DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await _consul.DisposeAsync();
    }

    [Fact]
    public async Task One_of_three_leads_and_when_it_stops_the_next_one_follows_at_once_with_a_higher_epoch()
    {
        await StartAsync(3, LongLead);
        var (leader, lead) = await LeaderAsync();
        await leader.CountAsync(lead);
        List<long> epochs = [lead.Epoch];

        for (var stops = 1; stops <= 2; stops++)
        {
            var started = Stopwatch.GetTimestamp();
            await leader.StopAsync();
            Assert.Null(leader.Lead);
            (leader, lead) = await LeaderAsync();
            output.WriteLine($"step-down: followed after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms, the stop of the process included");
            Assert.True(lead.Epoch > epochs[^1], $"{lead.Epoch} after {epochs[^1]}"); // not the next one where a term ended before it led
            await leader.CountAsync(lead);
            epochs.Add(lead.Epoch);
        }

        Assert.Equal(epochs.Select(epoch => $"{epoch}"), await QueryAsync(_database, "SELECT epoch FROM counted ORDER BY epoch"));
        var view = await leader.ViewAsync();
        Assert.Equal((lead.Epoch, leader.Name), (view["lead"]!["epoch"]!.GetValue<long>(), view["newest"]!["holder"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_leader_that_is_cut_off_from_Consul_gives_up_before_another_one_leads()
    {
        await StartAsync(1);
        var (old, lead) = await LeaderAsync();
        await StartAsync(1, LongLead);
        var other = _replicas[1];

        var started = Stopwatch.GetTimestamp();
        old.CutFromConsul();
        TimeSpan? gaveUp = null;
        await Eventually.TrueAsync(
            () =>
            {
                // In this order: were both to lead at one moment, this would see it.
                var (mine, its) = (old.Lead, other.Lead);
                Assert.False(mine is { IsValid: true } && its is not null, "two lead at once");
                gaveUp ??= mine is null ? Stopwatch.GetElapsedTime(started) : null;
                return its is not null;
            },
            Patience);
        output.WriteLine($"cut off: gave up after {gaveUp!.Value.TotalSeconds:F1} s, followed after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");

        Assert.True(lead.Lost.IsCancellationRequested);
        await Assert.ThrowsAsync<NotLeaderException>(() => old.CountAsync(lead));
        Assert.Equal(1, (await old.ViewAsync())["refusedWrites"]!.GetValue<long>());
        Assert.Null((await old.ViewAsync())["lead"]);

        old.Reconnect();
        await Eventually.StaysAsync(() => old.Lead is null && other.Lead is not null, 2);
    }

    [Fact]
    public async Task A_leader_whose_time_stands_still_believes_in_itself_and_the_database_does_not()
    {
        await StartAsync(1);
        var (old, lead) = await LeaderAsync();
        await StartAsync(1, LongLead);
        var other = _replicas[1];
        await old.CountAsync(lead);

        // As in a machine that is suspended: what is no time there is a time to live elsewhere.
        old.Clock.Freeze();
        old.CutFromConsul();
        await Eventually.TrueAsync(() => other.Lead is not null, Patience);
        var overlap = Stopwatch.GetTimestamp();
        Assert.NotNull(old.Lead);
        var next = other.Lead!;
        Assert.True(next.Epoch > lead.Epoch, $"{next.Epoch} after {lead.Epoch}");

        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<NotLeaderException>(() => old.CountAsync(lead));
            await other.CountAsync(next);
        }

        var view = await old.ViewAsync();
        Assert.Equal(lead.Epoch, view["lead"]!["epoch"]!.GetValue<long>());
        Assert.Equal((next.Epoch, 5), (view["newest"]!["epoch"]!.GetValue<long>(), view["newest"]!["refusedWrites"]!.GetValue<long>()));
        old.Reconnect();
        await Eventually.TrueAsync(() => old.Lead is null, Patience);
        output.WriteLine($"both believed for {Stopwatch.GetElapsedTime(overlap).TotalMilliseconds:F0} ms; {view["refusedWrites"]} writes with the old epoch were refused");
        Assert.Equal([$"{lead.Epoch} 1", $"{next.Epoch} 5"], await QueryAsync(_database, "SELECT epoch, count(*) FROM counted GROUP BY epoch ORDER BY epoch"));
    }

    [Fact]
    public async Task A_new_epoch_waits_for_a_write_of_the_old_one_that_is_under_way_and_refuses_the_next()
    {
        await StartAsync(1, LongLead);
        var (leader, lead) = await LeaderAsync();
        var inTheMiddle = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var writing = leader.CountAsync(lead, async () =>
        {
            inTheMiddle.SetResult();
            await goOn.Task;
        });
        await inTheMiddle.Task;

        // What the election of another replica would do, which tries again when it has waited too long for the row.
        var following = BeginAsync();
        Assert.NotSame(following, await Task.WhenAny(following, Task.Delay(300)));
        goOn.SetResult();
        await writing;

        Assert.Equal(lead.Epoch + 1, await following);
        await Assert.ThrowsAsync<NotLeaderException>(() => leader.CountAsync(lead));
        Assert.Equal([$"{lead.Epoch}"], await QueryAsync(_database, "SELECT epoch FROM counted"));

        async Task<long> BeginAsync()
        {
            while (true)
            {
                try
                {
                    return (await leader.Fence.BeginAsync(DutyReplica.Duty, "another", () => true, CancellationToken.None))!.Value.Epoch;
                }
                catch (Exception exception) when (BuildingBlocks.Storage.TransientErrors.IsTransient(exception))
                {
                    // The row was locked for too long.
                }
            }
        }
    }

    [Fact]
    public async Task Who_does_not_hold_the_lock_any_more_begins_no_epoch()
    {
        await StartAsync(1, LongLead);
        var (leader, _) = await LeaderAsync();

        Assert.Null(await leader.Fence.BeginAsync(DutyReplica.Duty, "too late", () => false, CancellationToken.None));

        // Paused between the look and the write: another one has begun meanwhile.
        var looks = 0;
        Assert.Null(await leader.Fence.BeginAsync(DutyReplica.Duty, "late", () => looks++ == 0 && Another(), CancellationToken.None));
        Assert.Equal(["another"], await QueryAsync(_database, "SELECT holder FROM duty_epochs"));

        bool Another()
        {
            ExecuteAsync(_database, "UPDATE duty_epochs SET epoch = epoch + 1, holder = 'another'").GetAwaiter().GetResult();
            return true;
        }
    }

    [Fact]
    public async Task A_key_that_was_taken_away_by_hand_ends_the_lead_at_the_next_renewal()
    {
        await StartAsync(1, LongLead);
        var (leader, lead) = await LeaderAsync();
        var key = Assert.Single(await _consul.KeysAsync("shop/leaders/"))!;

        await _consul.PutAsync($"session/destroy/{key["Session"]}");

        await Eventually.TrueAsync(() => lead.Lost.IsCancellationRequested, Patience);
        await Eventually.TrueAsync(() => leader.Lead?.Epoch > lead.Epoch, Patience);
    }

    [Fact]
    public async Task The_loss_of_Consuls_leader_in_the_middle_of_an_election_elects_one_all_the_same()
    {
        using var directory = new TempDirectory();
        var cluster = await Servers.UpAsync(directory.Path, ClusterParts.Consul);
        try
        {
            var raftLeader = "";
            await Eventually.TrueAsync(async () => (raftLeader = (await cluster.StatusAsync()).FirstOrDefault(s => s.Role == "leader")?.Process.Name) is not null);
            var token = ("Consul:Token", $"{cluster.Secrets.ConsulServiceToken}");
            var starting = Enumerable.Range(1, 3).Select(async n =>
                await DutyReplica.StartAsync($"counter-{n}", _database, $"{cluster.Connections.Ports.ConsulHttp(n)}", token)).ToList();
            await cluster.KillAsync(raftLeader!);
            _replicas.AddRange(await Task.WhenAll(starting));

            var started = Stopwatch.GetTimestamp();
            var (leader, lead) = await LeaderAsync();
            output.WriteLine($"Consul lost {raftLeader} during the election: led after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s by {leader.Name}");
            await leader.CountAsync(lead);

            await cluster.StartAsync(raftLeader!);
            await Eventually.TrueAsync(() => _replicas.Count(r => r.Lead is not null) == 1, Patience);

            // A replica whose agent was the dead one's machine takes part again.
            await (await LeaderAsync()).Leader.StopAsync();
            await LeaderAsync();
        }
        finally
        {
            foreach (var replica in _replicas)
            {
                await replica.DisposeAsync();
            }

            _replicas.Clear();
            await cluster.DownAsync();
        }
    }

    private async Task StartAsync(int replicas, params (string Key, string Value)[] settings)
    {
        for (var n = 1; n <= replicas; n++)
        {
            _replicas.Add(await DutyReplica.StartAsync($"counter-{_replicas.Count + 1}", _database, _consul.Port, settings));
        }
    }

    private async Task<(DutyReplica Leader, Lead Lead)> LeaderAsync()
    {
        List<(DutyReplica, Lead)> leading = [];
        await Eventually.TrueAsync(
            () =>
            {
                leading = [.. from replica in _replicas let lead = replica.Lead where lead is not null select (replica, lead)];
                return leading.Count == 1;
            },
            Patience);
        return leading[0];
    }
}
