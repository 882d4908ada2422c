using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Shop.BuildingBlocks.Storage;

// synchronous=FULL: a commit in WAL mode is on disk when it returns. SQLite's default, stated because everything rests on it.
internal sealed class SqliteSetup : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection);
        return Task.CompletedTask;
    }

    private static void Apply(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000";
        command.ExecuteNonQuery();
    }
}
