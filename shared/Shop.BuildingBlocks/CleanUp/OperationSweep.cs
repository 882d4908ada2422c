using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>Records of operations past the window of deduplication.</summary>
/// <remarks>
/// A repeat may come later still, from a queue that nobody has read for months. It finds no record, and the age of its order tells that there was
/// one: <see cref="OperationLog.IsForgotten"/>. So no row is deleted whose repeat could still begin something.
/// </remarks>
internal sealed class OperationSweep<TContext>(IOptions<CleanUpOptions> options, TimeProvider clock) : ISweep<TContext> where TContext : ShopDbContext
{
    public Task<int> DeleteAsync(TContext db, int most, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - options.Value.OperationsKeptFor;

        // By the key, which rises with time: the index that is there anyway leads to the oldest.
        var (first, end) = (OrderAge.First, SnowflakeId.FirstOf(before));
        return db.Set<Operation>()
            .Where(o => o.OrderId >= first && o.OrderId < end && o.At < before)
            .OrderBy(o => o.OrderId)
            .ThenBy(o => o.Name)
            .Take(most)
            .ExecuteDeleteAsync(cancellationToken);
    }
}
