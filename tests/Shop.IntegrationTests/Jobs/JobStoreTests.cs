using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.Jobs;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;
using Shop.UnitTests.Support;

namespace Shop.IntegrationTests.Jobs;

/// <summary>What a job promises, moved by hand: two nodes on one database, and a clock that stands still unless it is told.</summary>
public sealed class JobStoreTests : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MoreThanALease = TimeSpan.FromSeconds(3);

    private readonly TempDirectory _directory = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
    private JobScript _script = new();
    private JobBench? _one;
    private JobBench? _two;

    private JobBench One => _one!;

    private JobBench Two => _two!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await (_one?.DisposeAsync() ?? default);
        await (_two?.DisposeAsync() ?? default);
        _directory.Dispose();
    }

    [Fact]
    public async Task A_fire_that_comes_twice_makes_one_run()
    {
        await SetUpAsync(new JobScript());

        Assert.NotNull(await One.Store.FireAsync(One.Job, _clock.GetUtcNow(), default));
        Assert.Null(await Two.Store.FireAsync(Two.Job, _clock.GetUtcNow(), default));
        await WorkToTheEndAsync();
        Assert.Null(await Two.Store.FireAsync(Two.Job, _clock.GetUtcNow(), default));

        Assert.Equal([JobRunState.Succeeded], (await One.RunsAsync()).Select(r => r.State));
        Assert.Single(await One.EffectsAsync());
    }

    [Fact]
    public async Task A_fire_that_finds_a_run_unfinished_is_recorded_as_skipped()
    {
        await SetUpAsync(new JobScript());
        await FireAsync();
        _clock.Advance(Second);

        Assert.Null(await Two.Store.FireAsync(Two.Job, _clock.GetUtcNow(), default));
        await WorkToTheEndAsync();
        _clock.Advance(Second);
        await FireAsync();

        Assert.Equal([JobRunState.Succeeded, JobRunState.Skipped, JobRunState.Running], (await One.RunsAsync()).Select(r => r.State));
    }

    [Fact]
    public async Task Nobody_can_open_a_second_run_past_the_lock_either()
    {
        await SetUpAsync(new JobScript());
        await FireAsync();
        var second = new JobRun(1, JobScript.Job, "another", _clock.GetUtcNow(), "somebody", _clock.GetUtcNow(), 1, JobRunState.Running);

        await Assert.ThrowsAnyAsync<Exception>(() => One.Database.WriteAsync(
            db =>
            {
                db.Add(second);
                return Task.CompletedTask;
            },
            default));

        Assert.Single(await One.RunsAsync());
    }

    [Fact]
    public async Task An_operator_who_wants_a_run_during_a_run_gets_none()
    {
        await SetUpAsync(new JobScript());
        await FireAsync();

        Assert.Null(await Two.Store.RunNowAsync(Two.Job, "ada", default));
        await WorkToTheEndAsync();
        Assert.NotNull(await Two.Store.RunNowAsync(Two.Job, "ada", default));
        await WorkToTheEndAsync();

        Assert.Equal([JobRun.BySchedule, "ada"], (await One.RunsAsync()).Select(r => r.StartedBy));
        Assert.Equal(2, (await One.EffectsAsync()).Count);
    }

    [Theory]
    [InlineData(MisfirePolicy.RunOnce, 1)]
    [InlineData(MisfirePolicy.Skip, 0)]
    public async Task What_is_missed_while_a_job_is_paused_is_made_up_for_as_its_policy_says(MisfirePolicy misfire, int runs)
    {
        await SetUpAsync(new JobScript { Definition = new(JobScript.Job, "What the test wants.", "* * * * * ?") { Misfire = misfire } });
        await One.Store.PauseAsync(One.Job, "ada", default);
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(Second);
            Assert.Null(await Two.Store.FireAsync(Two.Job, _clock.GetUtcNow(), default));
        }

        Assert.Empty(await One.RunsAsync());
        await Two.Store.ResumeAsync(Two.Job, "bob", default);
        await Two.Store.ResumeAsync(Two.Job, "bob", default);
        await WorkToTheEndAsync();

        Assert.Equal(runs, (await One.RunsAsync()).Count);
        Assert.Equal(runs, (await One.EffectsAsync()).Count);
    }

    [Fact]
    public async Task A_pause_of_which_nothing_is_missed_is_made_up_for_by_nothing()
    {
        await SetUpAsync(new JobScript());
        await One.Store.PauseAsync(One.Job, "ada", default);

        Assert.Null(await Two.Store.ResumeAsync(Two.Job, "bob", default));

        Assert.Empty(await One.RunsAsync());
    }

    [Fact]
    public async Task A_unit_that_fails_is_tried_again_from_where_it_had_come_and_after_longer_and_longer_pauses()
    {
        var failures = 2;
        await SetUpAsync(new JobScript
        {
            Steps = 3,
            Before = (moment, _) => moment.Step == 1 && failures-- > 0 ? throw new InvalidOperationException("not yet") : Task.CompletedTask,
        });
        await FireAsync();

        Assert.True(await One.WorkAsync());
        Assert.False(await Two.WorkAsync());
        _clock.Advance(One.Job.RetryAfter);
        Assert.True(await Two.WorkAsync());
        _clock.Advance(One.Job.RetryAfter);
        Assert.False(await One.WorkAsync());
        _clock.Advance(One.Job.RetryAfter);
        Assert.True(await One.WorkAsync());

        var run = Assert.Single(await One.RunsAsync());
        Assert.Equal((JobRunState.Succeeded, 3L), (run.State, run.Done));
        Assert.Equal(["0", "1", "2"], (await One.EffectsAsync()).Select(e => e.What.Split('/')[^1]));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_neither_its_effect_nor_its_progress()
    {
        var fails = true;
        await SetUpAsync(new JobScript { Within = (_, _) => fails ? throw new InvalidOperationException("after the effect") : Task.CompletedTask });
        await FireAsync();

        await One.WorkAsync();
        Assert.Empty(await One.EffectsAsync());
        fails = false;
        _clock.Advance(One.Job.RetryAfter);
        await One.WorkAsync();

        Assert.Single(await One.EffectsAsync());
    }

    [Fact]
    public async Task Who_was_away_for_longer_than_a_lease_can_write_nothing_any_more()
    {
        var isAway = new TaskCompletionSource();
        var isBack = new TaskCompletionSource();
        await SetUpAsync(new JobScript
        {
            Steps = 2,
            Before = async (moment, _) =>
            {
                if (moment is { Node: "node-1", Step: 1 })
                {
                    isAway.SetResult();
                    await isBack.Task;
                }
            },
        });
        await FireAsync();
        var (run, unit) = (await One.Store.ClaimAsync(default))!.Value;
        var claim = One.Store.ClaimOf(run, unit);
        var working = One.Get<ScriptedJob>().RunAsync(claim, default);
        await isAway.Task;

        Assert.False(await Two.WorkAsync());
        _clock.Advance(MoreThanALease);
        Assert.True(await Two.WorkAsync());
        isBack.SetResult();

        await Assert.ThrowsAsync<JobFencedException>(() => working);
        await Assert.ThrowsAsync<JobFencedException>(() => claim.RenewAsync(default));
        Assert.False(await One.Store.CompleteAsync(unit, default));
        Assert.False(await One.Store.FailAsync(unit, "too late", default));
        Assert.Equal(["node-1", "node-2"], (await One.EffectsAsync()).Select(e => e.Node));
        Assert.Equal((JobRunState.Succeeded, 2L), ((await One.RunsAsync())[0].State, (await One.RunsAsync())[0].Done));
    }

    [Fact]
    public async Task A_lease_is_renewed_for_as_long_as_its_node_works()
    {
        var isWorking = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await SetUpAsync(new JobScript
        {
            Before = (_, _) =>
            {
                isWorking.TrySetResult();
                return goOn.Task;
            },
        });
        await FireAsync();
        var working = One.WorkAsync();
        await isWorking.Task;

        for (var i = 0; i < 10; i++)
        {
            await Discovery.Eventually.TrueAsync(() => _clock.ArmedTimers >= 2); // of the timeout, and of the next renewal
            var due = (await One.UnitsAsync())[0].DueAt;
            _clock.Advance(TimeSpan.FromSeconds(0.7));
            await Discovery.Eventually.TrueAsync(async () => (await One.UnitsAsync())[0].DueAt > due);
        }

        Assert.Null(await Two.Store.ClaimAsync(default));
        goOn.SetResult();
        Assert.True(await working);
        Assert.Equal(1, (await One.UnitsAsync())[0].Epoch);
    }

    [Fact]
    public async Task Work_that_does_not_end_in_its_time_has_failed_and_writes_nothing_later()
    {
        var isWorking = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await SetUpAsync(new JobScript
        {
            Definition = new(JobScript.Job, "What the test wants.", "* * * * * ?") { Tries = 1 },
            Before = (_, _) =>
            {
                isWorking.TrySetResult();
                return goOn.Task;
            },
        });
        await FireAsync();
        var working = One.WorkAsync();
        await isWorking.Task;

        _clock.Advance(One.Job.Timeout);
        Assert.True(await working);
        goOn.SetResult();

        var run = Assert.Single(await One.RunsAsync());
        Assert.Equal(JobRunState.Failed, run.State);
        Assert.Contains("not through after", run.Error, StringComparison.Ordinal);
        await Discovery.Eventually.StaysAsync(async () => (await One.EffectsAsync()).Count == 0, 0.3);
    }

    [Fact]
    public async Task A_unit_that_kills_each_of_its_nodes_is_given_up()
    {
        await SetUpAsync(new JobScript { Definition = new(JobScript.Job, "What the test wants.", "* * * * * ?") { Tries = 3 } });
        await FireAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.NotNull(await (i % 2 == 0 ? One : Two).Store.ClaimAsync(default)); // and is never heard of again
            _clock.Advance(MoreThanALease);
        }

        Assert.Null(await One.Store.ClaimAsync(default));

        Assert.Equal(JobRunState.Failed, (await One.RunsAsync())[0].State);
        Assert.Equal(AlarmCauses.Failed, Assert.Single(await One.AlarmsAsync()).Cause);
    }

    [Fact]
    public async Task A_hundred_failures_are_one_alarm_told_once_and_its_end_is_told_once()
    {
        var fails = true;
        await SetUpAsync(new JobScript
        {
            Definition = new(JobScript.Job, "What the test wants.", "* * * * * ?") { Tries = 1 },
            Before = (_, _) => fails ? throw new InvalidOperationException("broken") : Task.CompletedTask,
        });
        for (var i = 0; i < 100; i++)
        {
            await FireAsync();
            await (i % 2 == 0 ? One : Two).WorkAsync();
            while (await One.Get<AlarmTeller<PlainDbContext>>().TellOneAsync(default) || await Two.Get<AlarmTeller<PlainDbContext>>().TellOneAsync(default))
            {
            }

            _clock.Advance(Second);
        }

        var alarm = Assert.Single(await One.AlarmsAsync());
        Assert.Equal((100L, 1, null), (alarm.Count, alarm.Notified, alarm.ResolvedAt));

        fails = false;
        for (var i = 0; i < 3; i++)
        {
            await FireAsync();
            await One.WorkAsync();
            while (await Two.Get<AlarmTeller<PlainDbContext>>().TellOneAsync(default))
            {
            }

            _clock.Advance(Second);
        }

        alarm = Assert.Single(await One.AlarmsAsync());
        Assert.NotNull(alarm.ResolvedAt);
        Assert.Equal((2, null), (alarm.Notified, alarm.NotifyAt));
    }

    [Fact]
    public async Task An_alarm_that_stays_open_is_told_again_when_its_interval_is_over_and_not_before()
    {
        await SetUpAsync(new JobScript());
        await One.Database.WriteAsync(db => One.Get<AlarmBook>().RaiseAsync(db, "a test", AlarmCauses.Waiting, "it waits", default), default);
        var teller = One.Get<AlarmTeller<PlainDbContext>>();

        Assert.True(await teller.TellOneAsync(default));
        _clock.Advance(TimeSpan.FromHours(4) - Second);
        Assert.False(await teller.TellOneAsync(default));
        _clock.Advance(Second);
        Assert.True(await teller.TellOneAsync(default));

        Assert.Equal(2, Assert.Single(await One.AlarmsAsync()).Notified);
    }

    [Fact]
    public async Task A_job_that_is_late_raises_an_alarm_until_it_begins()
    {
        await SetUpAsync(new JobScript { Definition = new(JobScript.Job, "What the test wants.", "0 0 * * * ?") { LateAfter = TimeSpan.FromMinutes(10) } });
        var watch = One.Get<AlarmWatch<PlainDbContext>>();
        _clock.Advance(TimeSpan.FromMinutes(70));
        await watch.RunOnceAsync(default);
        Assert.DoesNotContain(await One.AlarmsAsync(), a => a.Subject == "job:scripted");

        _clock.Advance(Second);
        await watch.RunOnceAsync(default);
        await watch.RunOnceAsync(default);
        var alarm = Assert.Single(await One.AlarmsAsync(), a => a.Subject == "job:scripted");
        Assert.Equal((AlarmCauses.Late, 1L), (alarm.Cause, alarm.Count));

        await FireAsync();
        await watch.RunOnceAsync(default);
        Assert.NotNull(Assert.Single(await One.AlarmsAsync(), a => a.Subject == "job:scripted").ResolvedAt);
    }

    [Fact]
    public async Task A_job_that_is_paused_is_not_late()
    {
        await SetUpAsync(new JobScript { Definition = new(JobScript.Job, "What the test wants.", "0 0 * * * ?") });
        await One.Store.PauseAsync(One.Job, "ada", default);

        _clock.Advance(TimeSpan.FromDays(1));
        await One.Get<AlarmWatch<PlainDbContext>>().RunOnceAsync(default);

        Assert.DoesNotContain(await One.AlarmsAsync(), a => a.Subject == "job:scripted");
    }

    private async Task SetUpAsync(JobScript script)
    {
        _script = script;
        var file = JobBench.File(_directory.File("jobs.db"));
        _one = await JobBench.SetUpAsync(file, _script, _clock, node: 1);
        _two = await JobBench.SetUpAsync(file, _script, _clock, node: 2);
    }

    private async Task FireAsync() => Assert.NotNull(await One.Store.FireAsync(One.Job, _clock.GetUtcNow(), default));

    private async Task WorkToTheEndAsync()
    {
        while (await One.WorkAsync() || await Two.WorkAsync())
        {
        }
    }
}
