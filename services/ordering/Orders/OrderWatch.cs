using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Orders;

/// <summary>Tells those who wait for an order that it has changed: at once when this process commits the change, by one query for all
/// watched orders when another one does.</summary>
/// <remarks>
/// A watcher sees the newest state, not every state: versions in between may be skipped. The query asks for versions alone, and only what has moved is read:
/// to read all watched orders each time took a tenth of what the services computed at capacity.
/// </remarks>
internal sealed partial class OrderWatch(Database<OrderingDbContext> database, TimeProvider clock, ILogger<OrderWatch> logger) : BackgroundService
{
    private const int Nothing = 0;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<long, Watched> _watched = new();
    private readonly SemaphoreSlim _someone = new(0, 1);

    /// <summary>Yields the order whenever its version is above <paramref name="afterVersion"/>, and ends with its final state.</summary>
    public IAsyncEnumerable<OrderView> WatchAsync(long id, int afterVersion, CancellationToken cancellationToken) =>
        WatchAsync(id, afterVersion, isNewest: false, cancellationToken);

    /// <summary>The same from a state that was stored a moment ago: what has happened since is found with the next query, and nothing is read before.</summary>
    public IAsyncEnumerable<OrderView> WatchAsync(OrderView stored, CancellationToken cancellationToken) => stored.IsFinal
        ? AsyncEnumerable.Empty<OrderView>()
        : WatchAsync(long.Parse(stored.Id, CultureInfo.InvariantCulture), stored.Version, isNewest: true, cancellationToken);

    private async IAsyncEnumerable<OrderView> WatchAsync(long id, int afterVersion, bool isNewest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<OrderView>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var watched = Subscribe(id, changes, isNewest ? afterVersion : Nothing);
        try
        {
            // Subscribed first, read second: a change between the two is seen twice rather than never.
            if (!isNewest || watched.Version > afterVersion)
            {
                var now = await database.ReadAsync(db => db.Orders.SingleOrDefaultAsync(o => o.Id == id, cancellationToken), cancellationToken);
                if (now?.Version > afterVersion)
                {
                    afterVersion = now.Version;
                    yield return OrderView.Of(now);
                }

                if (now is { IsFinal: true })
                {
                    yield break;
                }
            }

            await foreach (var order in changes.Reader.ReadAllAsync(cancellationToken))
            {
                if (order.Version > afterVersion)
                {
                    afterVersion = order.Version;
                    yield return order;
                }

                if (order.IsFinal)
                {
                    yield break;
                }
            }
        }
        finally
        {
            Unsubscribe(id, changes);
        }
    }

    /// <summary>Called after the commit that changed these orders.</summary>
    public void Publish(IEnumerable<Order> orders)
    {
        foreach (var order in orders)
        {
            if (_watched.TryGetValue(order.Id, out var watched))
            {
                watched.Publish(OrderView.Of(order));
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_watched.IsEmpty)
                {
                    await _someone.WaitAsync(stoppingToken);
                }

                await Task.Delay(PollInterval, clock, stoppingToken);
                await LookAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        var ids = _watched.Keys.ToList();
        var versions = await database.ReadAsync(
            db => db.Orders.Where(o => ids.Contains(o.Id)).Select(o => new { o.Id, o.Version }).ToListAsync(stoppingToken), stoppingToken);
        var moved = versions.Where(now => _watched.TryGetValue(now.Id, out var watched) && watched.Version < now.Version).Select(now => now.Id).ToList();
        if (moved.Count > 0)
        {
            Publish(await database.ReadAsync(db => db.Orders.Where(o => moved.Contains(o.Id)).ToListAsync(stoppingToken), stoppingToken));
        }
    }

    private Watched Subscribe(long id, Channel<OrderView> changes, int version)
    {
        Watched watched;
        do
        {
            // Not the first time only when the last watcher was just leaving with the entry.
            watched = _watched.GetOrAdd(id, _ => new Watched());
        }
        while (!watched.TryAdd(changes, version));

        lock (_someone)
        {
            if (_someone.CurrentCount == 0)
            {
                _someone.Release();
            }
        }

        return watched;
    }

    private void Unsubscribe(long id, Channel<OrderView> changes)
    {
        if (_watched.TryGetValue(id, out var watched) && watched.RemoveAndCloseIfEmpty(changes))
        {
            _watched.TryRemove(id, out _);
        }
    }

    private sealed class Watched
    {
        private readonly List<Channel<OrderView>> _watchers = [];
        private int _version = Nothing;
        private bool _closed;

        /// <summary>Of the newest state that all watchers know, or will find in their channel.</summary>
        public int Version
        {
            get
            {
                lock (_watchers)
                {
                    return _version;
                }
            }
        }

        public bool TryAdd(Channel<OrderView> watcher, int version)
        {
            lock (_watchers)
            {
                if (_closed)
                {
                    return false;
                }

                if (_watchers.Count == 0)
                {
                    _version = version;
                }

                _watchers.Add(watcher);
                return true;
            }
        }

        public bool RemoveAndCloseIfEmpty(Channel<OrderView> watcher)
        {
            lock (_watchers)
            {
                _watchers.Remove(watcher);
                _closed = _watchers.Count == 0;
                return _closed;
            }
        }

        // Commits are told in any order, and an older state must not push a newer one out of the channel.
        public void Publish(OrderView order)
        {
            lock (_watchers)
            {
                if (order.Version <= _version)
                {
                    return;
                }

                _version = order.Version;
                foreach (var watcher in _watchers)
                {
                    watcher.Writer.TryWrite(order);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Watched orders could not be read; again in a moment")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
