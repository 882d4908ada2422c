using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>Runs, their units and who may work on them. All of it is decided in the database, so that it holds for every node.</summary>
/// <remarks>
/// Leases end by the clocks of the nodes. One whose clock is wrong takes units over too early or too late; it never lets two write, because every
/// write is checked against the epoch of the claim.
/// </remarks>
public sealed class JobStore<TContext>(
    Database<TContext> database,
    JobCatalogue<TContext> catalogue,
    AlarmBook alarms,
    AuditTrail audit,
    SnowflakeIdGenerator ids,
    JobNode node,
    IOptions<JobsOptions> options,
    JobSignal signal,
    TimeProvider clock)
    where TContext : ShopDbContext
{
    private const int MaxError = 500;

    /// <summary>The subject of a job's alarms.</summary>
    public static string SubjectOf(string job) => $"job:{job}";

    /// <summary>Makes sure that the job has its row, with the schedule that is in force.</summary>
    public Task RegisterAsync(JobDefinition job, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var now = clock.GetStorageTime();
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO jobs (name, cron, since) VALUES ({job.Name}, {job.Cron}, {now.ToUnixTimeMilliseconds()}) ON CONFLICT DO NOTHING", cancellationToken);
            var row = await LockAsync(db, job.Name, cancellationToken);
            if (row.Cron != job.Cron)
            {
                row.Reschedule(job.Cron, now);
            }
        },
        cancellationToken);

    /// <summary>The schedule has come to a time of the job. The same time twice makes one run.</summary>
    /// <returns>The run that was opened; null where there is one for this time, where the job is paused, and where an earlier run is not finished.</returns>
    public Task<JobRun?> FireAsync(JobDefinition job, DateTimeOffset dueAt, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var row = await LockAsync(db, job.Name, cancellationToken);
            if (row.PausedAt is not null)
            {
                row.Miss(dueAt);
                return null;
            }

            return await OpenAsync(db, job, FireIdOf(job, dueAt), dueAt, JobRun.BySchedule, cancellationToken);
        },
        cancellationToken);

    /// <summary>Opens a run because an operator wants one, paused or not.</summary>
    /// <returns>Null when a run is not finished.</returns>
    public Task<JobRun?> RunNowAsync(JobDefinition job, string who, CancellationToken cancellationToken) => database.WriteOrRepeatAsync(
        async db =>
        {
            await LockAsync(db, job.Name, cancellationToken);
            if (await IsRunningAsync(db, job, cancellationToken))
            {
                return null;
            }

            var wish = ids.Next().ToString(CultureInfo.InvariantCulture);
            var run = await OpenAsync(db, job, $"{job.Name}!{wish}", clock.GetStorageTime(), who, cancellationToken);
            audit.Write(db, who, "job.run", SubjectOf(job.Name), null, new { run = run!.FireId });
            return run;
        },
        cancellationToken);

    /// <summary>From the commit on no fire opens a run. One that is open goes on.</summary>
    public Task PauseAsync(JobDefinition job, string who, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var row = await LockAsync(db, job.Name, cancellationToken);
            if (row.TryPause(who, clock.GetStorageTime()))
            {
                audit.Write(db, who, "job.paused", SubjectOf(job.Name), new { paused = false }, new { paused = true });
                await alarms.ResolveAsync(db, SubjectOf(job.Name), AlarmCauses.Late, cancellationToken);
            }
        },
        cancellationToken);

    /// <summary>Ends the pause. What was missed meanwhile is made up for as the job's definition says.</summary>
    /// <returns>The run that makes up for it, if there is one.</returns>
    public Task<JobRun?> ResumeAsync(JobDefinition job, string who, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var row = await LockAsync(db, job.Name, cancellationToken);
            var missed = row.MissedAt;
            if (!row.TryResume(clock.GetStorageTime()))
            {
                return null;
            }

            audit.Write(db, who, "job.resumed", SubjectOf(job.Name), new { paused = true }, new { paused = false, missed });
            return missed is { } dueAt && job.Misfire is MisfirePolicy.RunOnce
                ? await OpenAsync(db, job, FireIdOf(job, dueAt), dueAt, JobRun.BySchedule, cancellationToken)
                : null;
        },
        cancellationToken);

    /// <summary>Claims a unit that is free, or whose holder has not been heard of for a lease.</summary>
    /// <returns>Null when there is none, or when it has been tried too often and has failed for good now.</returns>
    internal async Task<(JobRun Run, JobUnit Unit)?> ClaimAsync(CancellationToken cancellationToken)
    {
        // A unit of a job that only a newer version knows waits for that.
        var known = catalogue.Definitions.Select(d => d.Name).ToList();
        var now = clock.GetStorageTime();
        if (!await database.ReadAsync(db => Free(db).AnyAsync(cancellationToken), cancellationToken))
        {
            return null;
        }

        return await database.WriteAsync<(JobRun, JobUnit)?>(
            async db =>
            {
                var unit = await Free(db).OrderBy(u => u.DueAt).ThenBy(u => u.Unit).Take(1).ForUpdateSkipLocked().SingleOrDefaultAsync(cancellationToken);
                if (unit is null)
                {
                    return null;
                }

                var job = catalogue.Find(unit.Job)!;
                if (unit.Tries >= job.Tries)
                {
                    unit.Fail($"Try {unit.Tries} on {unit.Node} has not ended.");
                    await CloseIfLastAsync(db, unit, cancellationToken);
                    return null;
                }

                unit.Claim(node.Instance, now + options.Value.Lease);
                return (await db.JobRuns.AsNoTracking().SingleAsync(r => r.Id == unit.RunId, cancellationToken), unit);
            },
            cancellationToken);

        IQueryable<JobUnit> Free(TContext db) => db.JobUnits.Where(u => u.State <= JobUnitState.Running && u.DueAt <= now && known.Contains(u.Job));
    }

    /// <summary>The unit has been worked on to its end.</summary>
    internal Task<bool> CompleteAsync(JobUnit claimed, CancellationToken cancellationToken) => EndAsync(
        claimed,
        async (db, unit) =>
        {
            unit.Complete();
            await CloseIfLastAsync(db, unit, cancellationToken);
        },
        cancellationToken);

    /// <summary>This try of the unit has failed.</summary>
    internal Task<bool> FailAsync(JobUnit claimed, string error, CancellationToken cancellationToken) => EndAsync(
        claimed,
        async (db, unit) =>
        {
            var job = catalogue.Find(unit.Job)!;
            var reason = error.Length <= MaxError ? error : error[..MaxError];
            if (unit.Tries < job.Tries)
            {
                unit.Retry(clock.GetStorageTime() + (job.RetryAfter * Math.Pow(2, Math.Min(unit.Tries - 1, 10))), reason);
                return;
            }

            unit.Fail(reason);
            await CloseIfLastAsync(db, unit, cancellationToken);
        },
        cancellationToken);

    /// <summary>This node is leaving: another one may go on at once.</summary>
    internal Task<bool> ReleaseAsync(JobUnit claimed, CancellationToken cancellationToken) => EndAsync(
        claimed,
        (_, unit) =>
        {
            unit.Release(clock.GetStorageTime());
            return Task.CompletedTask;
        },
        cancellationToken);

    internal JobClaim<TContext> ClaimOf(JobRun run, JobUnit unit) => new(database, run, unit, options.Value.Lease, clock);

    private static string FireIdOf(JobDefinition job, DateTimeOffset dueAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{job.Name}@{dueAt.ToUnixTimeMilliseconds()}");

    private static Task<bool> IsRunningAsync(TContext db, JobDefinition job, CancellationToken cancellationToken) =>
        db.JobRuns.AnyAsync(r => r.Job == job.Name && r.FinishedAt == null, cancellationToken);

    // Fires, wishes, pauses and ends of pauses of one job come one after the other, whichever nodes they come from.
    private static Task<JobRow> LockAsync(TContext db, string job, CancellationToken cancellationToken) =>
        db.Jobs.Where(j => j.Name == job).ForUpdate().SingleAsync(cancellationToken);

    private async Task<JobRun?> OpenAsync(
        TContext db, JobDefinition job, string fireId, DateTimeOffset dueAt, string startedBy, CancellationToken cancellationToken)
    {
        if (await db.JobRuns.AnyAsync(r => r.FireId == fireId, cancellationToken))
        {
            return null;
        }

        var now = clock.GetStorageTime();
        await alarms.ResolveAsync(db, SubjectOf(job.Name), AlarmCauses.Late, cancellationToken);
        if (await IsRunningAsync(db, job, cancellationToken))
        {
            db.Add(new JobRun(ids.Next(), job.Name, fireId, dueAt, startedBy, now, job.Units, JobRunState.Skipped).Because("An earlier run was not finished."));
            return null;
        }

        var run = new JobRun(ids.Next(), job.Name, fireId, dueAt, startedBy, now, job.Units, JobRunState.Running);
        db.Add(run);
        db.AddRange(Enumerable.Range(0, job.Units).Select(unit => new JobUnit(run.Id, unit, job.Name, now)));
        db.OnCommitted(signal.Wake);
        return run;
    }

    // False when somebody else has claimed it meanwhile: then it is for them to say how it ended.
    private Task<bool> EndAsync(JobUnit claimed, Func<TContext, JobUnit, Task> end, CancellationToken cancellationToken) => database.WriteOrRepeatAsync(
        async db =>
        {
            var unit = await db.JobUnits
                .Where(u => u.RunId == claimed.RunId && u.Unit == claimed.Unit && u.Epoch == claimed.Epoch && u.State == JobUnitState.Running)
                .ForUpdate()
                .SingleOrDefaultAsync(cancellationToken);
            if (unit is null)
            {
                return false;
            }

            await end(db, unit);
            return true;
        },
        cancellationToken);

    // The row of the run is locked before the others are counted: of two that end at once, the later one sees the earlier one's end.
    private async Task CloseIfLastAsync(TContext db, JobUnit last, CancellationToken cancellationToken)
    {
        var run = await db.JobRuns.Where(r => r.Id == last.RunId).ForUpdate().SingleAsync(cancellationToken);
        var others = await db.JobUnits.AsNoTracking().Where(u => u.RunId == last.RunId && u.Unit != last.Unit).ToListAsync(cancellationToken);
        if (others.Any(u => u.State <= JobUnitState.Running))
        {
            return;
        }

        List<JobUnit> all = [.. others, last];
        var failed = all.FirstOrDefault(u => u.State is JobUnitState.Failed);
        run.Finish(clock.GetStorageTime(), all.Sum(u => u.Done), failed is null ? null : $"unit {failed.Unit}: {failed.Error}");
        await alarms.ResolveAsync(db, SubjectOf(run.Job), AlarmCauses.Unfinished, cancellationToken);
        if (run.Error is { } error)
        {
            await alarms.RaiseAsync(db, SubjectOf(run.Job), AlarmCauses.Failed, error, cancellationToken);
        }
        else
        {
            await alarms.ResolveAsync(db, SubjectOf(run.Job), AlarmCauses.Failed, cancellationToken);
        }
    }
}
