using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Transactions that are prepared first and committed or rolled back later, by whoever knows the outcome, after any crash.</summary>
/// <remarks>PostgreSQL only. A prepared transaction keeps its locks and holds back vacuum until it is ended: nothing ends it by itself.</remarks>
public sealed class PreparedTransactions<TContext> where TContext : ShopDbContext
{
    private readonly IDbContextFactory<TContext> _contexts;

    internal PreparedTransactions(IDbContextFactory<TContext> contexts) => _contexts = contexts;

    /// <summary>Runs <paramref name="work"/> and prepares it under <paramref name="name"/>; without the will, or without a change, it is rolled back.</summary>
    /// <exception cref="Exception">Whether it is prepared is unknown: ask <see cref="ListAsync"/>.</exception>
    public async Task<T> PrepareAsync<T>(PreparedName name, Func<TContext, Task<(T Result, bool Prepare)>> work, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.RentAsync(QueryTrackingBehavior.TrackAll, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (result, prepare) = await work(db);
        if (prepare && db.ChangeTracker.HasChanges())
        {
            await db.SaveChangesAsync(cancellationToken);
            await ExecuteAsync(db, "PREPARE TRANSACTION", name);
        }

        return result;
    }

    /// <summary>False when nothing is prepared under this name (any more).</summary>
    public Task<bool> CommitAsync(PreparedName name, CancellationToken cancellationToken) => EndAsync("COMMIT PREPARED", name, cancellationToken);

    /// <inheritdoc cref="CommitAsync"/>
    public Task<bool> RollBackAsync(PreparedName name, CancellationToken cancellationToken) => EndAsync("ROLLBACK PREPARED", name, cancellationToken);

    /// <summary>What is prepared in this database, the oldest first.</summary>
    public async Task<IReadOnlyList<PreparedTransaction>> ListAsync(CancellationToken cancellationToken)
    {
        await using var db = await _contexts.RentAsync(QueryTrackingBehavior.TrackAll, cancellationToken);
        var rows = await db.Database.SqlQuery<Row>(
            $"""
             SELECT gid AS "Gid", prepared AS "Prepared" FROM pg_prepared_xacts
             WHERE database = current_database() AND gid LIKE {PreparedName.Prefix + "%"} ORDER BY prepared, gid
             """).ToListAsync(cancellationToken);
        return [.. rows.Select(r => PreparedName.TryParse(r.Gid, out var name) ? new PreparedTransaction(name, r.Prepared) : null).OfType<PreparedTransaction>()];
    }

    private async Task<bool> EndAsync(string verb, PreparedName name, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.RentAsync(QueryTrackingBehavior.TrackAll, cancellationToken);
        try
        {
            await ExecuteAsync(db, verb, name);
            return true;
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.UndefinedObject)
        {
            return false;
        }
    }

    // Not cancellable: cancelled half-way, nobody would know the outcome. The name takes no parameter in these statements, and holds no quote.
    private static Task ExecuteAsync(TContext db, string verb, PreparedName name)
    {
#pragma warning disable EF1002 // a fixed verb, a number and a constant
        return db.Database.ExecuteSqlRawAsync($"{verb} '{name}'", CancellationToken.None);
#pragma warning restore EF1002
    }

    private sealed record Row(string Gid, DateTimeOffset Prepared);
}
