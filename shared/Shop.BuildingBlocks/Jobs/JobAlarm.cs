using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Alarms;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Jobs;

/// <summary>A job was due and no run of it was opened, whatever the reason: no node was there, or its schedule is gone.</summary>
internal sealed class LateJobAlarm<TContext>(JobDefinition job, TimeProvider clock) : IAlarmSource<TContext> where TContext : ShopDbContext
{
    public string Subject => JobStore<TContext>.SubjectOf(job.Name);

    public string Cause => AlarmCauses.Late;

    public async Task<string?> LookAsync(TContext db, CancellationToken cancellationToken)
    {
        var row = await db.Jobs.SingleOrDefaultAsync(j => j.Name == job.Name, cancellationToken);
        if (row is not { PausedAt: null })
        {
            return null;
        }

        var last = await db.JobRuns
            .Where(r => r.Job == job.Name && r.StartedBy == JobRun.BySchedule)
            .OrderByDescending(r => r.Id)
            .Select(r => (DateTimeOffset?)r.DueAt)
            .FirstOrDefaultAsync(cancellationToken);
        var due = JobCatalogue<TContext>.NextAfter(job, last > row.Since ? last.Value : row.Since);
        return due + job.LateAfter < clock.GetUtcNow() ? $"{job.Name} was due at {due:u} and has not begun" : null;
    }
}

/// <summary>A run is open for longer than it should be.</summary>
internal sealed class UnfinishedJobAlarm<TContext>(JobDefinition job, TimeProvider clock) : IAlarmSource<TContext> where TContext : ShopDbContext
{
    public string Subject => JobStore<TContext>.SubjectOf(job.Name);

    public string Cause => AlarmCauses.Unfinished;

    public async Task<string?> LookAsync(TContext db, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - job.LateAfter;
        var open = await db.JobRuns.FirstOrDefaultAsync(r => r.Job == job.Name && r.FinishedAt == null && r.StartedAt < before, cancellationToken);
        return open is null ? null : $"{open.FireId} has been running since {open.StartedAt:u}";
    }
}
