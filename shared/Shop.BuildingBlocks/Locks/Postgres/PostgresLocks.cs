using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Locks.Postgres;

/// <summary>Locks that a session of the service's PostgreSQL holds. The server serves who waits in turn, and ends a session that has been silent for a time to live.</summary>
/// <remarks>
/// Each lock is a connection of its own, to the server itself: behind a pooler that lends connections by the transaction they lock nothing. The lock is in the
/// memory of one server; a standby that is promoted does not know it. Two names may share a number of 64 bits, and then wait for each other.
/// (PostgreSQL 15, "Explicit Locking"; idle_session_timeout, idle_in_transaction_session_timeout.)
/// </remarks>
internal sealed class PostgresLocks : ILocks, IDisposable
{
    private readonly PostgresLockKind _kind;
    private readonly LockOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PostgresLocks> _logger;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _connections;

    public PostgresLocks(
        PostgresLockKind kind, IOptions<LockOptions> options, IOptions<DatabaseOptions> database, TimeProvider clock, ILogger<PostgresLocks> logger)
    {
        (_kind, _options, _clock, _logger) = (kind, options.Value, clock, logger);
        _connections = new SemaphoreSlim(_options.MaxConnections);
        var milliseconds = (long)_options.TimeToLive.TotalMilliseconds;
        _connectionString = new NpgsqlConnectionStringBuilder(database.Value.ConnectionString)
        {
            // A session goes back to no pool: it would take its advisory locks along, to whoever gets it next.
            Pooling = false,
            ApplicationName = "shop-locks",

            // A process that is paused holds nothing for longer than a time to live; one that is gone stops waiting within a second.
            Options = string.Create(
                CultureInfo.InvariantCulture,
                $"-c idle_session_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds} -c client_connection_check_interval=1000"),
        }.ToString();
    }

    public async Task<ILockHandle?> TryAcquireAsync(string resource, TimeSpan patience, CancellationToken cancellationToken)
    {
        var key = _options.KeyOf(resource);
        var started = _clock.GetTimestamp();
        if (!await _connections.WaitAsync(patience, cancellationToken))
        {
            return null;
        }

        var session = new NpgsqlConnection(_connectionString);
        ILockHandle? held = null;
        try
        {
            await session.OpenAsync(cancellationToken);
            var left = patience - _clock.GetElapsedTime(started);
            var since = await LockAsync(session, key, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
            var lease = new PostgresLease(session, _connections, _options.TimeToLive, _clock);
            return held = new LeasedLock(resource, lease, lease.ValidSince(since), _options, _clock, _logger);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return null;
        }
        catch (NpgsqlException exception) when (exception.IsTransient())
        {
            throw new LockUnavailableException("PostgreSQL does not answer.", exception);
        }
        finally
        {
            if (held is null)
            {
                // Also what was granted just when the wait was cancelled: it ends with its session.
                await session.DisposeAsync();
                _connections.Release();
            }
        }
    }

    public void Dispose() => _connections.Dispose();

    // The result is the time from which the server counts no earlier: the session was busy until its answer, and idle from then on.
    private async Task<long> LockAsync(NpgsqlConnection session, string key, TimeSpan patience, CancellationToken cancellationToken)
    {
        var wait = Math.Max(1, (long)patience.TotalMilliseconds).ToString(CultureInfo.InvariantCulture); // 0 would be for ever
        if (_kind is PostgresLockKind.Row)
        {
            await RunAsync("INSERT INTO lock_rows (resource) VALUES ($1) ON CONFLICT (resource) DO NOTHING", key);
        }

        await RunAsync("SELECT set_config('lock_timeout', $1, false)", wait);
        await (_kind switch
        {
            PostgresLockKind.Advisory => RunAsync("SELECT pg_advisory_lock($1)", NumberOf(key)),
            _ => LockRowAsync(),
        });
        var since = _clock.GetTimestamp();
        await RunAsync("SELECT 1"); // the wait may have been long; from this answer on the server counts the silence
        return since;

        async Task LockRowAsync()
        {
            await session.BeginTransactionAsync(cancellationToken);
            await RunAsync("SELECT 1 FROM lock_rows WHERE resource = $1 FOR UPDATE", key);
        }

        async Task RunAsync(string sql, object? value = null)
        {
            await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = (int)Math.Ceiling((patience + _options.TimeToLive).TotalSeconds) };
            if (value is not null)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static long NumberOf(string key) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
