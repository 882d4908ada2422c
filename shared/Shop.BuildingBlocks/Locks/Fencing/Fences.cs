using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Locks.Fencing;

/// <summary>The table that makes locks safe: the newest token of each resource, in the database that the lock guards.</summary>
/// <remarks>
/// It refuses who is late, and does not tell who is right: of two holders at once, the one that asked last for a token may write. A database that is restored
/// from a backup issues the tokens since then again: end its clients first.
/// </remarks>
public static class Fences
{
    /// <summary>Issues the next token of a resource, for a holder of its lock.</summary>
    public static async Task<long> IssueFenceAsync(this ShopDbContext db, string resource, CancellationToken cancellationToken)
    {
        var issued = await db.Database.SqlQuery<long>(
            $"""
             INSERT INTO fences (resource, token, used) VALUES ({resource}, 1, 0)
             ON CONFLICT (resource) DO UPDATE SET token = fences.token + 1
             RETURNING token AS "Value"
             """).ToListAsync(cancellationToken);
        return issued[0];
    }

    /// <summary>Lets the rest of this transaction through, if the lock's token is the newest; nobody gets a newer one before the transaction ends.</summary>
    /// <exception cref="LockLostException">The lease has ended, by this process's clock.</exception>
    /// <exception cref="FenceRejectedException">A newer token was issued.</exception>
    public static async Task PassFenceAsync(this ShopDbContext db, FencedLock held, CancellationToken cancellationToken)
    {
        held.ThrowIfLost();
        var passed = await db.Database.ExecuteSqlAsync(
            $"UPDATE fences SET used = {held.Token} WHERE resource = {held.Resource} AND token = {held.Token}", cancellationToken);
        if (passed == 1)
        {
            return;
        }

        var newest = await db.Database.SqlQuery<long>($"""SELECT token AS "Value" FROM fences WHERE resource = {held.Resource}""").ToListAsync(cancellationToken);
        throw new FenceRejectedException(held.Resource, held.Token, newest.FirstOrDefault());
    }
}
