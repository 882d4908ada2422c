using Microsoft.EntityFrameworkCore;

namespace Shop.BuildingBlocks.Storage;

/// <summary>How a context is taken from the pool.</summary>
/// <remarks>
/// To set a new one up took a tenth of what the services computed at capacity; one that was used before keeps what it has built. Whether it tracks what it
/// loads is stated each time: a context that a reader left without tracking would change rows in memory, and save nothing.
/// </remarks>
internal static class ContextPool
{
    /// <summary>Somewhat more than connections, of which each keeps the parameters of its last command; what is beyond is thrown away as it comes back.</summary>
    public const int Size = 64;

    public static async Task<TContext> RentAsync<TContext>(
        this IDbContextFactory<TContext> contexts, QueryTrackingBehavior tracking, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.QueryTrackingBehavior = tracking;
        return db;
    }
}
