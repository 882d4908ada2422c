using System.Diagnostics;
using System.Globalization;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Apps;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Cluster;

/// <summary>A job whose process is killed in the middle of it, by SIGKILL: another replica takes it over, and what it does is done once.</summary>
[Collection(SharedCluster.Name)]
public sealed class JobKillTests(ClusterFixture fixture, ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    private ShopCluster Cluster => fixture.Cluster;

    [Theory]
    [InlineData("job.after-claim:1")] // claimed, and nothing done
    [InlineData("job.after-step:1")] // the first part counted
    [InlineData("job.after-step:3")] // all counted, and not closed
    public async Task A_settlement_is_finished_by_the_other_replica_and_counts_each_booking_once(string point)
    {
        const int Bookings = 1200; // in parts of 500
        await QuietAsync("payments", "settlement");
        await SqlAsync("payments", $"""
            INSERT INTO unsettled SELECT n, {TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds()}, 'charge', 1, 'EUR' FROM generate_series(1, {Bookings}) AS n;
            DELETE FROM settlements
            """);
        await Cluster.KillAsync("payments-1");
        await Cluster.StartAsync("payments-1", new Dictionary<string, string> { ["SHOP_CRASH_AT"] = point });
        await Cluster.PauseAsync("payments-2"); // or it might be the one to claim
        await RunAsync("payments", 1, "settlement");
        await UntilAsync(() => IsDownAsync("payments-1"));
        var died = Stopwatch.GetTimestamp();
        await Cluster.ResumeAsync("payments-2");

        var run = await NewestAsync("payments", "settlement");
        await UntilAsync(async () => await SqlAsync("payments", $"SELECT state FROM job_runs WHERE id = {run}") == "2");
        output.WriteLine($"{point}: finished {Stopwatch.GetElapsedTime(died).TotalSeconds:F1} s after it was found dead");

        // Once, or once more for every time that it stood still for longer than its lease.
        Assert.Equal("t|payments-2", await SqlAsync("payments", $"SELECT epoch = tries AND tries > 1, node FROM job_units WHERE run_id = {run}"));
        var yesterday = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1)).DayNumber;
        Assert.Equal($"{yesterday}|{Bookings}|{Bookings}|t", await SqlAsync("payments", "SELECT day, bookings, captured, closed_at IS NOT NULL FROM settlements"));
        Assert.Equal("0", await SqlAsync("payments", "SELECT count(*) FROM unsettled WHERE entry_id <= 1200"));
        Assert.Equal($"{Bookings}", await SqlAsync("payments", "SELECT sum(amount) FROM ledger_entries WHERE account = 'settled' AND transaction_id IN (SELECT transaction_id FROM settlements)"));

        await Cluster.StartAsync("payments-1");
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
    }

    [Fact]
    public async Task The_shards_of_a_dead_replica_are_taken_over_by_the_other()
    {
        await QuietAsync("ordering", "overdue-orders");
        await Cluster.KillAsync("ordering-1");
        await Cluster.StartAsync("ordering-1", new Dictionary<string, string> { ["SHOP_CRASH_AT"] = "job.after-claim:1" });
        await RunAsync("ordering", 1, "overdue-orders");
        await UntilAsync(() => IsDownAsync("ordering-1"));
        var died = Stopwatch.GetTimestamp();

        // Whichever run it was that killed it: an operator's, or one of the schedule's.
        await UntilAsync(async () => await SqlAsync("ordering", "SELECT count(*) FROM job_units WHERE node = 'ordering-1' AND state = 2") == "0");
        output.WriteLine($"shard taken over {Stopwatch.GetElapsedTime(died).TotalSeconds:F1} s after its replica was found dead");
        var taken = await SqlAsync("ordering", "SELECT run_id FROM job_units WHERE epoch > 1 AND node = 'ordering-2' ORDER BY run_id DESC LIMIT 1");
        await UntilAsync(async () => await SqlAsync("ordering", $"SELECT state FROM job_runs WHERE id = {taken}") == "2");
        Assert.Equal("4", await SqlAsync("ordering", $"SELECT count(*) FROM job_units WHERE run_id = {taken} AND state = 3"));

        await Cluster.StartAsync("ordering-1");
        Invariants.AssertHold(await fixture.QuietInvariantsAsync(Patience));
    }

    [Fact]
    public async Task A_fire_whose_replica_dies_before_it_has_opened_a_run_is_fired_again_by_the_other()
    {
        await Cluster.KillAsync("payments-1");
        await Cluster.StartAsync(
            "payments-1",
            new Dictionary<string, string> { ["SHOP_CRASH_AT"] = "job.before-run:1", ["Jobs__Each__CleanUp__Cron"] = "* * * * * ?" },
            wait: false);

        // The other one deletes the row when it fires the job again: what was seen last counts.
        var fired = "";
        await UntilAsync(async () =>
        {
            var isDown = await IsDownAsync("payments-1");
            fired = await SqlAsync("payments", "SELECT max(sched_time) FROM qrtz_fired_triggers WHERE instance_name LIKE 'payments-1:%'") is { Length: > 0 } seen ? seen : fired;
            return isDown && fired.Length > 0;
        });
        var died = Stopwatch.GetTimestamp();
        var due = DateTimeOffset.MinValue.AddTicks(long.Parse(fired, CultureInfo.InvariantCulture));

        await UntilAsync(async () =>
            await SqlAsync("payments", $"SELECT count(*) FROM job_runs WHERE fire_id = 'clean-up@{due.ToUnixTimeSeconds() * 1000}'") == "1");
        output.WriteLine($"fired again {Stopwatch.GetElapsedTime(died).TotalSeconds:F1} s after its replica was found dead");

        await Cluster.StartAsync("payments-1"); // and the schedule is as it was
        await UntilAsync(async () => await SqlAsync("payments", "SELECT cron_expression FROM qrtz_cron_triggers WHERE trigger_name = 'clean-up'") == "0 15 * * * ?");
    }

    // Its process may die before it has answered.
    private async Task RunAsync(string service, int replica, string job)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{At(service, replica)}/ops/jobs/{job}/run");
        request.Headers.Add("Shop-Operator", "ada");
        try
        {
            using var response = await fixture.Operator.SendAsync(request);
        }
        catch (HttpRequestException)
        {
        }
    }

    private Task QuietAsync(string service, string job) =>
        UntilAsync(async () => await SqlAsync(service, $"SELECT count(*) FROM job_runs WHERE job = '{job}' AND finished_at IS NULL") == "0");

    private async Task<long> NewestAsync(string service, string job) =>
        long.Parse(await SqlAsync(service, $"SELECT max(id) FROM job_runs WHERE job = '{job}' AND started_by = 'ada'"), CultureInfo.InvariantCulture);

    private async Task<string> SqlAsync(string service, string sql)
    {
        var (succeeded, answer) = await Clients.SqlAsync(Cluster.Connections.Ports.Postgres, "postgres", Cluster.Secrets.PostgresSuperuser, service, sql);
        Assert.True(succeeded, answer);
        return answer;
    }

    private string At(string service, int replica) => AppKind.All.Single(kind => kind.Service == service).Address(Cluster.Connections.Ports, replica);

    private async Task<bool> IsDownAsync(string process) => (await Cluster.StatusAsync()).Single(status => status.Name == process).Health is ProcessHealth.Down;

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience);
            await Task.Delay(PollInterval);
        }
    }
}
