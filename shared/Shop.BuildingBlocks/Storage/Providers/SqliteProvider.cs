using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace Shop.BuildingBlocks.Storage;

/// <summary>One file, one owner, one writer at a time.</summary>
internal sealed partial class SqliteProvider(DatabaseOptions options) : IDatabaseProvider, IDisposable
{
    private readonly WriteGate _gate = new();

    public string Name => options.Path;

    public bool IsShared => false;

    public void Configure(DbContextOptionsBuilder builder) => builder
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = options.Path, Pooling = true }.ToString())
        .AddInterceptors(new SqliteSetup());

    public async ValueTask<IDisposable> EnterWriteAsync(CancellationToken cancellationToken) => await _gate.EnterAsync(cancellationToken);

    // Deferred: takes no write lock; in WAL mode the first read fixes the snapshot.
    public ValueTask<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    public async Task PrepareAsync(DbContext db, CancellationToken cancellationToken)
    {
        try
        {
            // Reads every page once: slower on a large file, but a torn page is found here and not in the middle of an order.
            var verdict = await db.Database.SqlQueryRaw<string>("SELECT quick_check AS Value FROM pragma_quick_check LIMIT 1").SingleAsync(cancellationToken);
            if (verdict != "ok")
            {
                throw new DatabaseUnusableException(Name, verdict);
            }

            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new DatabaseUnusableException(Name, exception.Message, exception);
        }
    }

    // The migration's transaction is the writer, and there is one.
    public Task LockMigrationsAsync(DbContext db, CancellationToken cancellationToken) => Task.CompletedTask;

    // In SQLite only INTEGER PRIMARY KEY is the row's own key, and INTEGER is 64 bits wide.
    public string Translate(string sql) => BigInt().Replace(sql, "INTEGER");

    public void Dispose() => _gate.Dispose();

    [GeneratedRegex(@"\bBIGINT\b")]
    private static partial Regex BigInt();
}
