using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>Alarms that are over and of whose end everybody was told.</summary>
internal sealed class AlarmSweep<TContext>(IOptions<CleanUpOptions> options, TimeProvider clock) : ISweep<TContext> where TContext : ShopDbContext
{
    public Task<int> DeleteAsync(TContext db, int most, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - options.Value.HistoryKeptFor;
        return db.Alarms.Where(a => a.ResolvedAt < before && a.NotifyAt == null).OrderBy(a => a.Id).Take(most).ExecuteDeleteAsync(cancellationToken);
    }
}
