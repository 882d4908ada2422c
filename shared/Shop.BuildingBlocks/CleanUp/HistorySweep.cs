using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>Runs of jobs, with their units. The last scheduled one of each job stays: it says when the job was due last.</summary>
internal sealed class HistorySweep<TContext>(IOptions<CleanUpOptions> options, TimeProvider clock) : ISweep<TContext> where TContext : ShopDbContext
{
    public async Task<int> DeleteAsync(TContext db, int most, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - options.Value.HistoryKeptFor;
        var old = await db.JobRuns
            .Where(r => r.FinishedAt < before)
            .Where(r => db.JobRuns.Any(later => later.Job == r.Job && later.StartedBy == JobRun.BySchedule && later.Id > r.Id))
            .OrderBy(r => r.Id)
            .Select(r => r.Id)
            .Take(most)
            .ToListAsync(cancellationToken);
        await db.JobUnits.Where(u => old.Contains(u.RunId)).ExecuteDeleteAsync(cancellationToken);
        return await db.JobRuns.Where(r => old.Contains(r.Id)).ExecuteDeleteAsync(cancellationToken);
    }
}
