using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
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

    /// <summary>True when retrying the same work later may succeed.</summary>
    public static bool IsTransient(this Exception exception) => exception switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode is Busy or Locked or ReadOnly or IoError or Full or CannotOpen,
        DbUpdateException { InnerException: { } inner } => inner.IsTransient(),
        CommitOutcomeUnknownException or ClockMovedBackwardsException or TimeoutException or OperationCanceledException or IOException or HttpRequestException => true,
        DbException database => database.IsTransient,
        _ => false,
    };
}
