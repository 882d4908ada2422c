using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Ends the queries marked by <see cref="RowLocking"/> with the lock clause that EF Core cannot express.</summary>
internal sealed class RowLockInterceptor : DbCommandInterceptor
{
    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        AddLock(command);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        AddLock(command);
        return ValueTask.FromResult(result);
    }

    private static void AddLock(DbCommand command)
    {
        if (command.CommandText.StartsWith(RowLocking.ForUpdateComment, StringComparison.Ordinal))
        {
            command.CommandText += "\nFOR UPDATE";
        }
        else if (command.CommandText.StartsWith(RowLocking.SkipLockedComment, StringComparison.Ordinal))
        {
            command.CommandText += "\nFOR UPDATE SKIP LOCKED";
        }
    }
}
