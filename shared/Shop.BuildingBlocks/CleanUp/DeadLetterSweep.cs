using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>Letters that no operator has looked after in their time. Their senders have long gone another way, and an alarm was open all the while.</summary>
internal sealed class DeadLetterSweep<TContext>(IOptions<CleanUpOptions> options, TimeProvider clock) : ISweep<TContext> where TContext : ShopDbContext
{
    public Task<int> DeleteAsync(TContext db, int most, CancellationToken cancellationToken)
    {
        var before = clock.GetStorageTime() - options.Value.DeadLettersKeptFor;
        return db.DeadLetters.Where(l => l.LastAt < before).OrderBy(l => l.LastAt).Take(most).ExecuteDeleteAsync(cancellationToken);
    }
}
