using System.Diagnostics;
using Npgsql;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Load;

/// <summary>Counts the transactions that are prepared and wait for their outcome, over time: each keeps its row locks meanwhile.</summary>
/// <remarks>By Little's law: the number that is there on average, times the time, is the time that all of them spent prepared.</remarks>
internal sealed class PreparedWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly NpgsqlConnection _connection;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _watching;
    private double _milliseconds;

    private PreparedWatch(NpgsqlConnection connection)
    {
        _connection = connection;
        _watching = WatchAsync();
    }

    /// <summary>It only grows; between two looks, divided by the orders, it is what one order's branches spent prepared.</summary>
    public double TransactionMilliseconds => Volatile.Read(ref _milliseconds);

    public static async Task<PreparedWatch> StartAsync(ShopCluster cluster, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(
            $"Host=127.0.0.1;Port={cluster.Connections.Ports.Postgres};Database=postgres;Username=postgres;Password={cluster.Secrets.PostgresSuperuser}");
        await connection.OpenAsync(cancellationToken);
        return new PreparedWatch(connection);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _watching;
        _over.Dispose();
        await _connection.DisposeAsync();
    }

    private async Task WatchAsync()
    {
        // The shop's own: a rival in a database of its own may have prepared something as well.
        await using var count = new NpgsqlCommand("SELECT count(*) FROM pg_prepared_xacts WHERE database IN ('inventory', 'payments')", _connection);
        await count.PrepareAsync(_over.Token);
        using var timer = new PeriodicTimer(Interval);
        var last = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await timer.WaitForNextTickAsync(_over.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var open = (long)(await count.ExecuteScalarAsync(CancellationToken.None))!;
            var now = Stopwatch.GetTimestamp();
            Volatile.Write(ref _milliseconds, _milliseconds + (open * Stopwatch.GetElapsedTime(last, now).TotalMilliseconds));
            last = now;
        }
    }
}
