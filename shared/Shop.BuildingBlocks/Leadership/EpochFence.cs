using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Leadership;

/// <summary>Begins epochs in the database that a duty writes to.</summary>
internal sealed class EpochFence<TContext>(Database<TContext> database, TimeProvider clock)
    where TContext : ShopDbContext
{
    public Task<IReadOnlyList<DutyEpoch>> AllAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<DutyEpoch>>(
        async db => await db.DutyEpochs.OrderBy(e => e.Duty).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>Begins the next epoch, as long as <paramref name="isHeld"/>.</summary>
    /// <remarks>
    /// The order is what counts: read, look, compare and set. A process that is paused after its look finds another epoch than it read, if
    /// somebody else began one meanwhile; and looks again, and sees that its time is over. So a late process never begins an epoch over a newer leader's.
    /// </remarks>
    /// <returns>Null when it is not held any more.</returns>
    public async Task<(long Epoch, DateTimeOffset Since)?> BeginAsync(string duty, string holder, Func<bool> isHeld, CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = await database.ReadAsync(
                db => db.DutyEpochs.Where(e => e.Duty == duty).Select(e => (long?)e.Epoch).SingleOrDefaultAsync(cancellationToken), cancellationToken);
            if (!isHeld())
            {
                return null;
            }

            var since = clock.GetStorageTime();
            var next = (seen ?? 0) + 1;
            var begun = await database.WriteAsync(
                db => seen is null
                    ? db.Database.ExecuteSqlAsync(
                        $"""
                         INSERT INTO duty_epochs (duty, epoch, holder, since, refused) VALUES ({duty}, {next}, {holder}, {since.ToUnixTimeMilliseconds()}, 0)
                         ON CONFLICT DO NOTHING
                         """,
                        cancellationToken)
                    : db.Database.ExecuteSqlAsync(
                        $"""
                         UPDATE duty_epochs SET epoch = {next}, holder = {holder}, since = {since.ToUnixTimeMilliseconds()}
                         WHERE duty = {duty} AND epoch = {seen}
                         """,
                        cancellationToken),
                cancellationToken);
            if (begun == 1)
            {
                return (next, since);
            }
        }
    }
}
