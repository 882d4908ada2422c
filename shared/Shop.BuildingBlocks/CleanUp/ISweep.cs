using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.CleanUp;

/// <summary>A kind of rows that nobody needs any more after a while.</summary>
public interface ISweep<in TContext> where TContext : ShopDbContext
{
    /// <summary>Deletes at most so many of them, the oldest first, in the caller's transaction.</summary>
    /// <returns>How many there were; fewer than <paramref name="most"/> means that no more are left.</returns>
    Task<int> DeleteAsync(TContext db, int most, CancellationToken cancellationToken);
}
