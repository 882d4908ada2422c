using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Alarms;

/// <summary>Raises and resolves alarms, in the transaction of whatever shows them.</summary>
/// <remarks>It tells nobody: <see cref="AlarmTeller{TContext}"/> does, once for each alarm. An alarm that comes back after its end is a new one.</remarks>
public sealed class AlarmBook(SnowflakeIdGenerator ids, TimeProvider clock)
{
    /// <summary>Raises the alarm, or counts it once more if it is open. Two that raise it at once make one row, and neither fails.</summary>
    public Task RaiseAsync(ShopDbContext db, string subject, string cause, string text, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return db.Database.ExecuteSqlAsync(
            $"""
             INSERT INTO alarms (id, subject, cause, text, raised_at, last_at, count, notify_at, notify_tries, notified)
             VALUES ({ids.Next()}, {subject}, {cause}, {text}, {now}, {now}, 1, {now}, 0, 0)
             ON CONFLICT (subject, cause) WHERE resolved_at IS NULL
             DO UPDATE SET text = excluded.text, last_at = excluded.last_at, count = alarms.count + 1
             """,
            cancellationToken);
    }

    /// <summary>Ends the alarm, if it is open. Who was told of it will be told of its end; of one that nobody was told of, nobody is.</summary>
    public Task<int> ResolveAsync(ShopDbContext db, string subject, string cause, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return db.Database.ExecuteSqlAsync(
            $"""
             UPDATE alarms SET resolved_at = {now}, notify_tries = 0, notify_at = CASE WHEN notified > 0 OR notify_tries > 0 THEN {now} ELSE NULL END
             WHERE subject = {subject} AND cause = {cause} AND resolved_at IS NULL
             """,
            cancellationToken);
    }
}
