using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Brings a database to the schema of this version before the service starts to listen: embedded <c>Migrations/NNNN_name.sql</c>,
/// first those of the building blocks, then the service's own, each applied once, in one transaction with its record.</summary>
/// <remarks>
/// The files are PostgreSQL's SQL in the subset that SQLite shares, apart from the type names replaced here. There is no way down.
/// A process killed half-way leaves the last whole step behind it, and no lock.
/// </remarks>
internal sealed partial class SchemaMigrator<TContext>(
    IDbContextFactory<TContext> contexts, IOptions<DatabaseOptions> options, TimeProvider clock) : IHostedService
    where TContext : ShopDbContext
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            await CheckAsync(db, cancellationToken);
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL", cancellationToken);
            await MigrateAsync(db, cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw new DatabaseUnusableException(options.Value.Path, exception.Message, exception);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CheckAsync(TContext db, CancellationToken cancellationToken)
    {
        // Reads every page once: slower on a large file, but a torn page is found here and not in the middle of an order.
        var verdict = await db.Database.SqlQueryRaw<string>("SELECT quick_check AS Value FROM pragma_quick_check LIMIT 1").SingleAsync(cancellationToken);
        if (verdict != "ok")
        {
            throw new DatabaseUnusableException(options.Value.Path, verdict);
        }
    }

    private async Task MigrateAsync(TContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlRawAsync(
            "CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)", cancellationToken);
        var applied = await db.Database.SqlQueryRaw<string>("SELECT name AS Value FROM schema_migrations").ToListAsync(cancellationToken);

        var steps = Steps(typeof(ShopDbContext).Assembly).Concat(Steps(typeof(TContext).Assembly)).ToList();
        if (applied.Except(steps.Select(s => s.Name)).FirstOrDefault() is { } unknown)
        {
            throw new DatabaseUnusableException(options.Value.Path, $"it was written by a newer version ({unknown})");
        }

        foreach (var (name, sql) in steps.Where(s => !applied.Contains(s.Name)))
        {
            await db.Database.ExecuteSqlRawAsync(ForSqlite(sql), cancellationToken);
            await db.Database.ExecuteSqlAsync(
                $"INSERT INTO schema_migrations VALUES ({name}, {clock.GetUtcNow().ToUnixTimeMilliseconds()})", cancellationToken);
        }

        await transaction.CommitAsync(CancellationToken.None);
    }

    private static IEnumerable<(string Name, string Sql)> Steps(Assembly assembly) => assembly.GetManifestResourceNames()
        .Where(name => name.Contains(".Migrations.", StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return (name, reader.ReadToEnd());
        });

    // In SQLite only INTEGER PRIMARY KEY is the row's own key, and INTEGER is 64 bits wide.
    private static string ForSqlite(string sql) => BigInt().Replace(sql, "INTEGER").Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    [GeneratedRegex(@"\bBIGINT\b")]
    private static partial Regex BigInt();
}
