using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.BuildingBlocks.Storage;

/// <summary>A server that the replicas of a service share: rows are locked, claimed and waited for.</summary>
internal sealed class PostgresProvider : IDatabaseProvider, IAsyncDisposable
{
    // Any number will do, as long as it is always the same one.
    internal const long MigrationLock = 0x53_48_4F_50;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _clock;

    public PostgresProvider(DatabaseOptions options, TimeProvider clock)
    {
        _clock = clock;
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            // The same few statements all day: parsed once per connection. Nothing is set per session, so nothing needs a reset.
            MaxAutoPrepare = 100,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,

            // A paused process must not hold rows for ever, and nobody waits for a row longer than a caller waits for an answer.
            Options = string.Create(
                CultureInfo.InvariantCulture, $"-c lock_timeout=1000 -c idle_in_transaction_session_timeout={options.MaxIdleInTransaction.TotalMilliseconds:F0}"),
        };
        Name = $"{connection.Host}:{connection.Port}/{connection.Database}";
        _source = NpgsqlDataSource.Create(connection);
    }

    public string Name { get; }

    public bool IsShared => true;

    public void Configure(DbContextOptionsBuilder options) => options.UseNpgsql(_source).AddInterceptors(new RowLockInterceptor());

    public ValueTask<IDisposable> EnterWriteAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IDisposable>(NoTurn.Instance);

    public ValueTask<DbTransaction> BeginSnapshotAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

    // A server that is just starting is waited for: in a cluster everything starts at once.
    public async Task PrepareAsync(DbContext db, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException exception) when (exception.IsTransient && _clock.GetElapsedTime(started) < StartPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), _clock, cancellationToken);
            }
            catch (NpgsqlException exception)
            {
                throw new DatabaseUnusableException(Name, exception.Message, exception);
            }
        }
    }

    public Task LockMigrationsAsync(DbContext db, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync(
        $"SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock({MigrationLock})", cancellationToken);

    public string Translate(string sql) => sql;

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private sealed class NoTurn : IDisposable
    {
        public static readonly NoTurn Instance = new();

        public void Dispose()
        {
        }
    }
}
