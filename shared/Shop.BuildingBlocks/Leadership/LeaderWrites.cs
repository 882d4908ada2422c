using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>Writes that only a leader may make: each carries its epoch, and the database refuses an older one in the same transaction.</summary>
/// <remarks>
/// The row of the epoch stays locked until the commit, and to begin an epoch changes that row: so once an epoch has begun no write of an older one
/// can commit, however long its process was paused. It guards this database and no other. Fencing as in Kleppmann, How to do distributed locking
/// (2016); the sequencer is that of Burrows, Chubby (2006).
/// </remarks>
public static class LeaderWrites
{
    /// <summary>As <see cref="Database{TContext}.WriteAsync{T}"/>, for this lead only.</summary>
    /// <exception cref="NotLeaderException">The lead is over; nothing was written.</exception>
    public static async Task<T> WriteAsync<TContext, T>(
        this Database<TContext> database, Leaders leaders, Lead lead, Func<TContext, Task<T>> work, CancellationToken cancellationToken)
        where TContext : ShopDbContext
    {
        try
        {
            // Not the fence, only cheaper than to ask the database in vain.
            if (!lead.IsValid)
            {
                throw new NotLeaderException(lead.Duty, lead.Epoch, null);
            }

            return await database.WriteAsync(
                async db =>
                {
                    await EnsureAsync(db, lead, cancellationToken);
                    return await work(db);
                },
                cancellationToken);
        }
        catch (NotLeaderException refused)
        {
            leaders.CountRefused(lead.Duty);
            if (refused.Current is not null)
            {
                await database.CountRefusedAsync(lead.Duty, cancellationToken);
            }

            throw;
        }
    }

    /// <inheritdoc cref="WriteAsync{TContext, T}"/>
    public static Task WriteAsync<TContext>(
        this Database<TContext> database, Leaders leaders, Lead lead, Func<TContext, Task> work, CancellationToken cancellationToken)
        where TContext : ShopDbContext => database.WriteAsync(
            leaders,
            lead,
            async db =>
            {
                await work(db);
                return true;
            },
            cancellationToken);

    private static async Task EnsureAsync(ShopDbContext db, Lead lead, CancellationToken cancellationToken)
    {
        var current = await db.DutyEpochs.AsNoTracking().Where(e => e.Duty == lead.Duty).ForUpdate().SingleOrDefaultAsync(cancellationToken);
        if (current?.Epoch != lead.Epoch)
        {
            throw new NotLeaderException(lead.Duty, lead.Epoch, current?.Epoch ?? 0);
        }
    }

    // Outside of the transaction that is refused, or it would be undone with it.
    private static Task CountRefusedAsync<TContext>(this Database<TContext> database, string duty, CancellationToken cancellationToken)
        where TContext : ShopDbContext => database.WriteAsync(
            db => db.Database.ExecuteSqlAsync($"UPDATE duty_epochs SET refused = refused + 1 WHERE duty = {duty}", cancellationToken),
            cancellationToken);
}
