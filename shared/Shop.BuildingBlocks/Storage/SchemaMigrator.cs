using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace Shop.BuildingBlocks.Storage;

/// <summary>Brings a database to the schema of this version before the service starts to listen: embedded <c>Migrations/NNNN_name.sql</c>,
/// first those of the building blocks, then the service's own, each applied once, in one transaction with its record.</summary>
/// <remarks>
/// The files are PostgreSQL's SQL in the subset that SQLite shares, apart from the type names that SQLite's provider replaces. There is no way down.
/// One that is called <c>NNNN_name.postgres.sql</c> is for PostgreSQL alone.
/// A process killed half-way leaves the last whole step behind it, and no lock.
/// </remarks>
internal sealed class SchemaMigrator<TContext>(IDbContextFactory<TContext> contexts, IDatabaseProvider provider, TimeProvider clock) : IHostedService
    where TContext : ShopDbContext
{
    private const string PostgresOnly = ".postgres.sql";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellationToken);
        await provider.PrepareAsync(db, cancellationToken);
        await MigrateAsync(db, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MigrateAsync(TContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await provider.LockMigrationsAsync(db, cancellationToken);
        await db.Database.ExecuteSqlRawAsync(
            provider.Translate("CREATE TABLE IF NOT EXISTS schema_migrations (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)"), cancellationToken);
        var applied = await db.Database.SqlQueryRaw<string>("SELECT name AS Value FROM schema_migrations").ToListAsync(cancellationToken);

        var steps = Steps(typeof(ShopDbContext).Assembly).Concat(Steps(typeof(TContext).Assembly))
            .Where(s => provider.IsShared || !s.Name.EndsWith(PostgresOnly, StringComparison.Ordinal))
            .ToList();
        if (applied.Except(steps.Select(s => s.Name)).FirstOrDefault() is { } unknown)
        {
            throw new DatabaseUnusableException(provider.Name, $"it was written by a newer version ({unknown})");
        }

        foreach (var (name, sql) in steps.Where(s => !applied.Contains(s.Name)))
        {
            await db.Database.ExecuteSqlRawAsync(Escape(provider.Translate(sql)), cancellationToken);
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

    // EF Core reads braces as parameters.
    private static string Escape(string sql) => sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
}
