using Npgsql;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Storage;
using Shop.UnitTests.Support;
using static Shop.IntegrationTests.Storage.PostgresFixture;

namespace Shop.IntegrationTests.Jobs;

/// <summary>Two and three nodes of one service, each with its own scheduler, on one PostgreSQL.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ClusteredJobsTests(PostgresFixture postgres)
{
    private const int Fires = 4;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_fire_makes_one_run_and_each_of_its_units_is_done_once_whoever_does_it(int nodes)
    {
        var script = new JobScript
        {
            Definition = new(JobScript.Job, "What the test wants.", "* * * * * ?") { Units = 6 },
            Steps = 2,
            Before = (_, cancellationToken) => Task.Delay(60, cancellationToken), // so that one node alone is not through before the others look
        };
        var database = await postgres.CreateDatabaseAsync();
        var benches = await Task.WhenAll(Enumerable.Range(1, nodes).Select(node => JobBench.StartAsync(JobBench.Postgres(database), script, node)));
        try
        {
            await Eventually.TrueAsync(
                async () => (await benches[0].RunsAsync()).Count(r => r.State is JobRunState.Succeeded) >= Fires
                    && (await benches[0].EffectsAsync()).Select(e => e.Node).Distinct().Count() == nodes, // the last to start may start late
                60);
            await Task.WhenAll(benches.Select(b => b.StopAsync()));
            await using var judge = await JobBench.SetUpAsync(JobBench.Postgres(database), script, TimeProvider.System, node: 9);
            var runs = await judge.RunsAsync();
            var effects = await judge.EffectsAsync();

            Assert.Equal(runs.Count, runs.Select(r => r.DueAt).Distinct().Count());
            Assert.Equal(effects.Count, effects.Select(e => e.What).Distinct().Count());
            foreach (var run in runs.Where(r => r.State is JobRunState.Succeeded))
            {
                Assert.Equal((12L, 12), (run.Done, effects.Count(e => e.What.StartsWith($"{run.FireId}/", StringComparison.Ordinal))));
            }
        }
        finally
        {
            foreach (var bench in benches)
            {
                await bench.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_node_that_freezes_in_a_step_is_taken_over_and_writes_nothing_when_it_wakes()
    {
        var isFrozen = new TaskCompletionSource();
        var isAwake = new TaskCompletionSource();
        var script = new JobScript
        {
            Definition = Never(units: 1),
            Steps = 3,
            Within = async (moment, _) =>
            {
                if (moment is { Node: "node-1", Step: 1 })
                {
                    isFrozen.SetResult();
                    await isAwake.Task;
                }
            },
        };
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await JobBench.SetUpAsync(JobBench.Postgres(database), script, TimeProvider.System, node: 1);
        await using var two = await JobBench.SetUpAsync(JobBench.Postgres(database), script, TimeProvider.System, node: 2);
        await one.Store.RunNowAsync(one.Job, "ada", default);
        var (run, unit) = (await one.Store.ClaimAsync(default))!.Value;
        var working = one.Get<ScriptedJob>().RunAsync(one.Store.ClaimOf(run, unit), default); // renews nothing
        await isFrozen.Task;

        // The row of the unit is locked by a transaction that does not end. PostgreSQL ends it, as it ends that of a process that does not run.
        await Eventually.TrueAsync(() => two.WorkAsync(), 60);
        isAwake.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(() => working);
        Assert.False(await one.Store.CompleteAsync(unit, default));
        Assert.Equal(
            [("node-1", "0"), ("node-2", "1"), ("node-2", "2")], (await two.EffectsAsync()).Select(e => (e.Node, e.What.Split('/')[^1])));
        Assert.Equal(3, (await two.RunsAsync())[0].Done);
    }

    [Fact]
    public async Task A_takeover_that_races_with_a_step_waits_for_it_and_then_finds_the_lease_renewed()
    {
        var isWriting = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var script = new JobScript
        {
            Definition = Never(units: 1),
            Within = async (_, _) =>
            {
                isWriting.TrySetResult();
                await goOn.Task;
            },
        };
        var clock = new ManualTimeProvider();
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await JobBench.SetUpAsync(JobBench.Postgres(database), script, clock, node: 1);
        await using var two = await JobBench.SetUpAsync(JobBench.Postgres(database), script, clock, node: 2);
        await one.Store.RunNowAsync(one.Job, "ada", default);
        var (run, unit) = (await one.Store.ClaimAsync(default))!.Value;
        var working = one.Get<ScriptedJob>().RunAsync(one.Store.ClaimOf(run, unit), default);
        await isWriting.Task;

        clock.Advance(TimeSpan.FromSeconds(3)); // longer than the lease: by the committed state the unit is free
        Assert.Null(await two.Store.ClaimAsync(default));
        goOn.SetResult();
        await working;

        Assert.Null(await two.Store.ClaimAsync(default));
        Assert.True(await one.Store.CompleteAsync(unit, default));
        Assert.Equal(["node-1"], (await two.EffectsAsync()).Select(e => e.Node));
    }

    [Fact]
    public async Task A_schedule_that_has_changed_is_put_back_in_force_when_a_node_that_knows_the_old_one_writes_that_back()
    {
        const string Row = $"WHERE trigger_name = '{JobScript.Job}'";
        const string Written = $"SELECT cron_expression FROM qrtz_cron_triggers {Row}";
        var database = await postgres.CreateDatabaseAsync();
        var old = new JobScript { Definition = new(JobScript.Job, "What the test wants.", "0 0 1 * * ?") };
        var changed = new JobScript { Definition = new(JobScript.Job, "What the test wants.", "0 0 2 * * ?") };
        await using var one = await JobBench.StartAsync(JobBench.Postgres(database), old, node: 1);
        Assert.Equal(["0 0 1 * * ?"], await QueryAsync(database, Written));
        await using var two = await JobBench.StartAsync(JobBench.Postgres(database), changed, node: 2);
        Assert.Equal(["0 0 2 * * ?"], await QueryAsync(database, Written));

        await ExecuteAsync(database, $"UPDATE qrtz_cron_triggers SET cron_expression = '0 0 1 * * ?' {Row}");

        await Eventually.TrueAsync(async () => await QueryAsync(database, Written) is ["0 0 2 * * ?"], 30);
    }

    [Fact]
    public async Task A_wish_that_has_waited_too_long_for_the_job_s_row_is_tried_again()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await JobBench.SetUpAsync(
            JobBench.Postgres(database), new JobScript { Definition = Never(units: 1) }, TimeProvider.System);
        await using var holder = new NpgsqlConnection(database);
        await holder.OpenAsync();
        var holding = await holder.BeginTransactionAsync();
        await using (var row = new NpgsqlCommand("SELECT name FROM jobs FOR UPDATE", holder))
        {
            await row.ExecuteScalarAsync();
        }

        // Connected before the wish: that is tried three times, a second each, and the second try has to be seen.
        await using var watcher = new NpgsqlConnection(database);
        await watcher.OpenAsync();
        await using var waiting = new NpgsqlCommand(
            "SELECT xact_start FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", watcher);
        Assert.Null(await waiting.ExecuteScalarAsync());

        var wish = one.Store.RunNowAsync(one.Job, "ada", default);
        var tries = new HashSet<object>();
        await Eventually.TrueAsync(
            async () =>
            {
                if (await waiting.ExecuteScalarAsync() is { } since)
                {
                    tries.Add(since);
                }

                return tries.Count == 2;
            },
            60);
        await holding.RollbackAsync();

        Assert.NotNull(await wish);
        Assert.Single(await one.RunsAsync());
    }

    [Fact]
    public async Task Wishes_and_fires_that_come_at_once_from_three_nodes_open_one_run()
    {
        var script = new JobScript { Definition = Never(units: 3) };
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await JobBench.SetUpAsync(JobBench.Postgres(database), script, TimeProvider.System, node: 1);
        await using var two = await JobBench.SetUpAsync(JobBench.Postgres(database), script, TimeProvider.System, node: 2);
        await using var three = await JobBench.SetUpAsync(JobBench.Postgres(database), script, TimeProvider.System, node: 3);
        var due = TimeProvider.System.GetUtcNow();

        JobBench[] all = [one, two, three];
        var opened = await Task.WhenAll(
            all.SelectMany(b => new[]
            {
                Contended.RepeatAsync(() => b.Store.FireAsync(b.Job, due, default)),
                Contended.RepeatAsync(() => b.Store.RunNowAsync(b.Job, "ada", default)),
                Contended.RepeatAsync(() => b.Store.RunNowAsync(b.Job, "bob", default)),
            }));

        Assert.Single(opened, run => run is not null);
        Assert.Single(await one.RunsAsync(), r => r.State is JobRunState.Running);
        Assert.Equal(3, (await one.UnitsAsync()).Count);
    }

    [Fact]
    public async Task A_pause_outlives_all_nodes_and_holds_for_all_of_them()
    {
        var script = new JobScript();
        var database = await postgres.CreateDatabaseAsync();
        await using (var one = await JobBench.StartAsync(JobBench.Postgres(database), script, 1))
        {
            await Eventually.TrueAsync(async () => (await one.RunsAsync()).Count > 0, 60);
            await Contended.RepeatAsync(async () =>
            {
                await one.Store.PauseAsync(one.Job, "ada", default);
                return true;
            });
        }

        await using var two = await JobBench.StartAsync(JobBench.Postgres(database), script, 2);
        await using var three = await JobBench.StartAsync(JobBench.Postgres(database), script, 3);
        var runs = (await two.RunsAsync()).Count;
        await Eventually.TrueAsync(async () => (await RowAsync(two)).MissedAt is not null, 60); // a fire came, and opened nothing
        Assert.Equal(runs, (await two.RunsAsync()).Count);

        await Contended.RepeatAsync(() => three.Store.ResumeAsync(three.Job, "bob", default));
        await Eventually.TrueAsync(async () => (await two.RunsAsync()).Count > runs + 1, 60);
        Assert.Equal(["job.paused", "job.resumed"], await QueryAsync(database, "SELECT action FROM audit WHERE action LIKE 'job.%' ORDER BY id"));
    }

    [Fact]
    public async Task What_was_due_while_all_nodes_were_down_is_done_once_when_one_is_back()
    {
        var database = await postgres.CreateDatabaseAsync();
        var script = new JobScript { Definition = Never(units: 1) };
        await using (var one = await JobBench.StartAsync(JobBench.Postgres(database), script, 1))
        {
            Assert.Empty(await one.RunsAsync());
        }

        // As if it had been due an hour ago and two, and nobody had been there.
        var due = TimeProvider.System.GetUtcNow().AddHours(-2);
        await ExecuteAsync(database, $"UPDATE qrtz_triggers SET next_fire_time = {due.UtcTicks}, start_time = {due.UtcTicks} WHERE trigger_name = 'scripted'");
        await using var two = await JobBench.StartAsync(JobBench.Postgres(database), script, 2);
        await Eventually.TrueAsync(async () => (await two.RunsAsync()) is [{ State: JobRunState.Succeeded }], 60);

        Assert.Single(await two.EffectsAsync());
    }

    private static Task<JobRow> RowAsync(JobBench bench) =>
        bench.Database.ReadAsync(db => Task.FromResult(db.Jobs.Single(j => j.Name == JobScript.Job)), default);

    // On the last day of a leap year far away: nothing happens but what the test does.
    private static JobDefinition Never(int units) => new(JobScript.Job, "What the test wants.", "0 0 0 1 1 ? 2090") { Units = units };
}
