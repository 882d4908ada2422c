using Npgsql;
using Shop.BuildingBlocks.Storage;

namespace Shop.BuildingBlocks.Locks.Postgres;

/// <summary>A session that holds a lock. A word from it before the server's patience ends keeps both.</summary>
internal sealed class PostgresLease(NpgsqlConnection session, SemaphoreSlim connections, TimeSpan timeToLive, TimeProvider clock) : ILease
{
    // One command at a time: the release waits for a renewal that is under way.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _isReleased;

    /// <summary>A hundredth is for clocks that run at another speed.</summary>
    public Validity ValidSince(long since) => new(since, timeToLive * 0.99);

    public async Task<Validity?> ExtendAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_isReleased)
            {
                return null;
            }

            var since = clock.GetTimestamp();
            await using var command = new NpgsqlCommand("SELECT 1", session) { CommandTimeout = (int)Math.Ceiling(timeToLive.TotalSeconds) };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            return ValidSince(since);
        }
        catch (Exception exception) when (exception.IsTransient() || exception is NpgsqlException or InvalidOperationException)
        {
            return null; // a session that is broken does not come back, and its lock neither
        }
        finally
        {
            _turn.Release();
        }
    }

    public async Task ReleaseAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (!_isReleased)
            {
                _isReleased = true;
                await session.DisposeAsync();
                connections.Release();
            }
        }
        finally
        {
            _turn.Release();
        }
    }
}
