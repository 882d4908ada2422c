using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;

namespace Shop.BuildingBlocks.Storage;

/// <summary>The one way to a service's data: a write is one transaction with its outgoing messages, a read is one query or one snapshot.</summary>
/// <remarks>It repeats nothing unless it is told to: whoever calls knows whether the work may be repeated.</remarks>
public sealed class Database<TContext>
    where TContext : ShopDbContext
{
    private const int MaxAttempts = 3;

    private readonly IDbContextFactory<TContext> _contexts;
    private readonly IDatabaseProvider _provider;
    private readonly OutboxSignal _outboxSignal;
    private readonly SnowflakeIdGenerator _ids;
    private readonly TimeProvider _clock;
    private readonly IOptionsMonitor<GuardOptions> _guards;
    private readonly Action<OutboxRow> _sendUnguarded;

    internal Database(
        IDbContextFactory<TContext> contexts,
        IDatabaseProvider provider,
        OutboxSignal outboxSignal,
        SnowflakeIdGenerator ids,
        TimeProvider clock,
        IOptionsMonitor<GuardOptions> guards,
        Action<OutboxRow> sendUnguarded)
    {
        _contexts = contexts;
        _provider = provider;
        _outboxSignal = outboxSignal;
        _ids = ids;
        _clock = clock;
        _guards = guards;
        _sendUnguarded = sendUnguarded;
    }

    /// <summary>True where other processes write to the same database.</summary>
    public bool IsShared => _provider.IsShared;

    /// <summary>True where <see cref="PreparedTransactions{TContext}"/> work.</summary>
    public bool CanPrepare => _provider.IsShared;

    /// <summary>Runs <paramref name="work"/>, writes its messages to the outbox, commits, and wakes the relay.</summary>
    /// <exception cref="CommitOutcomeUnknownException">The commit was sent and not answered.</exception>
    public async Task<T> WriteAsync<T>(Func<TContext, Task<T>> work, CancellationToken cancellationToken)
    {
        using var turn = await _provider.EnterWriteAsync(cancellationToken);
        await using var db = await _contexts.RentAsync(QueryTrackingBehavior.TrackAll, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        var result = await work(db);
        var outgoing = Outgoing(db);
        var toOutbox = _guards.CurrentValue.Outbox;
        if (toOutbox)
        {
            db.Outbox.AddRange(outgoing);
        }

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

        if (outgoing.Count > 0)
        {
            CrashPoint.Hit(CrashPoint.AfterCommit);
        }

        foreach (var action in db.CommittedActions)
        {
            action();
        }

        foreach (var row in outgoing)
        {
            if (toOutbox)
            {
                _outboxSignal.Wake(row.Destination);
            }
            else
            {
                _sendUnguarded(row);
            }
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

    /// <summary>As <see cref="WriteAsync{T}"/>, for a caller who waits for the answer: work that met another transaction and left nothing is done
    /// again, a few times. It runs anew each time, so it must read what it needs itself.</summary>
    public async Task<T> WriteOrRepeatAsync<T>(Func<TContext, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteAsync(work, cancellationToken);
            }
            catch (Exception exception) when (attempt < MaxAttempts && exception.IsContention())
            {
                // It has waited already: for a lock, or until the database found the deadlock.
            }
        }
    }

    /// <summary>Runs a query on committed data, outside any transaction. Two queries may see two states: use a snapshot for those.</summary>
    public async Task<T> ReadAsync<T>(Func<TContext, Task<T>> query, CancellationToken cancellationToken)
    {
        await using var db = await _contexts.RentAsync(QueryTrackingBehavior.NoTracking, cancellationToken);
        return await query(db);
    }

    /// <summary>Streams what <paramref name="query"/> yields from one snapshot of the database, without blocking writers.</summary>
    public async IAsyncEnumerable<T> SnapshotAsync<T>(
        Func<TContext, IAsyncEnumerable<T>> query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var db = await _contexts.RentAsync(QueryTrackingBehavior.NoTracking, cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);

        try
        {
            await using var transaction = await _provider.BeginSnapshotAsync(db.Database.GetDbConnection(), cancellationToken);
            await db.Database.UseTransactionAsync(transaction, cancellationToken);

            await foreach (var item in query(db).WithCancellation(cancellationToken))
            {
                yield return item;
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync(); // or the context's next user would hold on to one
        }
    }

    // One row per destination, whatever the number of messages: what a row costs is shared by the whole batch.
    private List<OutboxRow> Outgoing(TContext db) =>
    [
        .. db.Outgoing.GroupBy(o => o.Destination, o => o.Message).Select(group =>
        {
            var messages = group.ToList();
            return new OutboxRow(group.Key, _ids.Next(), messages.Count, MessageCodec.Encode(messages), _clock.GetUtcNow());
        }),
    ];
}
