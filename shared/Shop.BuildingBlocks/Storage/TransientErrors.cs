using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shop.BuildingBlocks.Ids;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Tells an outage, which passes and blames no message, from an error that the same input will cause again.</summary>
public static class TransientErrors
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int IoError = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const string CancellationLock = "System.Threading.ManualResetEventSlim";
    private const string IdleInTransactionTimeout = "25P03";

    /// <summary>True when retrying the same work later may succeed.</summary>
    public static bool IsTransient(this Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is Busy or Locked or ReadOnly or IoError or Full or CannotOpen,
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable or IdleInTransactionTimeout } => true,
        DbUpdateException { InnerException: { } inner } => inner.IsTransient(),

        // EF Core wraps what a retrying strategy would retry, when there is none.
        InvalidOperationException { InnerException: NpgsqlException inner } => inner.IsTransient(),
        // How Npgsql says that a connection broke just when a command was about to use it.
        ObjectDisposedException { ObjectName: CancellationLock } => true,
        CommitOutcomeUnknownException or ClockMovedBackwardsException or IdsUnavailableException or TimeoutException or OperationCanceledException or IOException or HttpRequestException => true,
        DbException database => database.IsTransient,
        _ => false,
    };

    /// <summary>True when two transactions wanted the same and this one lost: repeated at once, it sees what the other one did.</summary>
    public static bool IsConflict(this Exception exception) => exception switch
    {
        PostgresException postgres => postgres.SqlState
            is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected,
        DbUpdateException { InnerException: { } inner } => inner.IsConflict(),
        InvalidOperationException { InnerException: NpgsqlException inner } => inner.IsConflict(),
        _ => false,
    };

    /// <summary>True when the work waited for another transaction in vain, or lost against one: the database has undone all of it.</summary>
    public static bool IsContention(this Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable } => true,
        DbUpdateException { InnerException: { } inner } => inner.IsContention(),
        InvalidOperationException { InnerException: NpgsqlException inner } => inner.IsContention(),
        _ => exception.IsConflict(),
    };
}
