using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;

namespace Shop.BuildingBlocks.Storage;

/// <summary>The one way to a service's data: a write is one transaction with its outgoing messages, a read is one query or one snapshot.</summary>
/// <remarks>It never retries: whoever calls knows whether the work may be repeated.</remarks>
public sealed class Database<TContext>(
    IDbContextFactory<TContext> contexts, WriteGate gate, OutboxSignal outboxSignal, SnowflakeIdGenerator ids, TimeProvider clock)
    where TContext : ShopDbContext
{
    /// <summary>Runs <paramref name="work"/>, writes its messages to the outbox, commits, and wakes the relay.</summary>
    /// <exception cref="CommitOutcomeUnknownException">The commit was sent and not answered.</exception>
    public async Task<T> WriteAsync<T>(Func<TContext, Task<T>> work, CancellationToken cancellationToken)
    {
        using var turn = await gate.EnterAsync(cancellationToken);
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        var result = await work(db);
        var destinations = WriteOutbox(db);
        await db.SaveChangesAsync(cancellationToken);

        try
        {
            // Not cancellable: a cancelled commit is neither done nor undone.
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception exception)
        {
            throw new CommitOutcomeUnknownException(exception);
        }

        if (destinations.Count > 0)
        {
            CrashPoint.Hit(CrashPoint.AfterCommit);
        }

        foreach (var action in db.CommittedActions)
        {
            action();
        }

        foreach (var destination in destinations)
        {
            outboxSignal.Wake(destination);
        }

        return result;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<TContext, Task> work, CancellationToken cancellationToken) => WriteAsync(
        async db =>
        {
            await work(db);
            return true;
        },
        cancellationToken);

    /// <summary>Runs a query on committed data, outside any transaction. Two queries may see two states: use a snapshot for those.</summary>
    public async Task<T> ReadAsync<T>(Func<TContext, Task<T>> query, CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await query(db);
    }

    /// <summary>Streams what <paramref name="query"/> yields from one snapshot of the database, without blocking writers.</summary>
    public async IAsyncEnumerable<T> SnapshotAsync<T>(
        Func<TContext, IAsyncEnumerable<T>> query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        await db.Database.OpenConnectionAsync(cancellationToken);

        // Deferred: takes no write lock; in WAL mode the first read fixes the snapshot.
        await using var transaction = ((SqliteConnection)db.Database.GetDbConnection()).BeginTransaction(deferred: true);
        await db.Database.UseTransactionAsync(transaction, cancellationToken);

        await foreach (var item in query(db).WithCancellation(cancellationToken))
        {
            yield return item;
        }
    }

    // One row per destination, whatever the number of messages: what a row costs is shared by the whole batch.
    private List<string> WriteOutbox(TContext db)
    {
        var destinations = new List<string>();
        foreach (var group in db.Outgoing.GroupBy(o => o.Destination))
        {
            var messages = group.Select(o => o.Message).ToList();
            db.Outbox.Add(new OutboxRow(group.Key, ids.Next(), messages.Count, MessageCodec.Encode(messages), clock.GetUtcNow()));
            destinations.Add(group.Key);
        }

        return destinations;
    }
}
