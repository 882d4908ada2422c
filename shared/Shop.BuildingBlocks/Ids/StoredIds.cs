using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Ids;

/// <summary>Where the worker id is fixed: begins after the newest id in the service's own database, so that a clock that went back over a restart makes
/// none of those again.</summary>
/// <remarks>
/// The newest of each table, which its primary key knows at once. What was made and not stored is not known, and does no harm. An id that stands more
/// than <see cref="Credible"/> ahead of the clock is not believed: to wait for it would be worse than to let the primary key refuse an id.
/// </remarks>
internal sealed partial class StoredIds<TContext>(
    IDbContextFactory<TContext> contexts, SnowflakeIdGenerator generator, ILogger<StoredIds<TContext>> logger) : IHostedService
    where TContext : ShopDbContext
{
    internal static readonly TimeSpan Credible = TimeSpan.FromDays(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (generator.FixedWorker is not { } worker)
        {
            return; // the lease knows better
        }

        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        var now = generator.MillisecondsSinceEpoch();
        var from = 0L;
        foreach (var (table, column) in IdColumns(db))
        {
            // Names of the model, not of a caller.
            var sql = $"SELECT COALESCE(MAX({column}), 0) AS \"Value\" FROM {table}";
            var newest = (await db.Database.SqlQueryRaw<long>(sql).ToListAsync(cancellationToken))[0];
            var time = newest >> (SnowflakeId.WorkerBits + SnowflakeId.SequenceBits);
            if (time - now <= Credible.TotalMilliseconds)
            {
                from = Math.Max(from, time + 1);
            }
        }

        generator.Grant(WorkerGrant.Fixed(worker, from));
        if (generator.Obstacle is { } obstacle)
        {
            Log.Behind(logger, obstacle);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static IEnumerable<(string Table, string Column)> IdColumns(TContext db) =>
        from entity in db.Model.GetEntityTypes()
        let key = entity.FindPrimaryKey()
        where key is { Properties: [{ Name: "Id" } id] } && id.ClrType == typeof(long)
        select (entity.GetTableName()!, key.Properties[0].GetColumnName());

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "No ids are made until the clock has caught up: {Obstacle}")]
        public static partial void Behind(ILogger logger, string obstacle);
    }
}
