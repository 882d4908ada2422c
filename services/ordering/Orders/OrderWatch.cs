using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Orders;

/// <summary>Tells those who wait for an order that it has changed: at once when this process commits the change, by one query for all
/// watched orders when another one does.</summary>
/// <remarks>A watcher sees the newest state, not every state: versions in between may be skipped.</remarks>
internal sealed partial class OrderWatch(Database<OrderingDbContext> database, TimeProvider clock, ILogger<OrderWatch> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<long, Watched> _watched = new();
    private readonly SemaphoreSlim _someone = new(0, 1);

    /// <summary>Yields the order whenever its version is above <paramref name="afterVersion"/>, and ends with its final state.</summary>
    public async IAsyncEnumerable<OrderView> WatchAsync(long id, int afterVersion, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<OrderView>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        Subscribe(id, changes);
        try
        {
            // Subscribed first, read second: a change between the two is seen twice rather than never.
            if (await database.ReadAsync(db => db.Orders.SingleOrDefaultAsync(o => o.Id == id, cancellationToken), cancellationToken) is { } now)
            {
                changes.Writer.TryWrite(OrderView.Of(now));
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
                var ids = _watched.Keys.ToList();
                Publish(await database.ReadAsync(db => db.Orders.Where(o => ids.Contains(o.Id)).ToListAsync(stoppingToken), stoppingToken));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private void Subscribe(long id, Channel<OrderView> changes)
    {
        while (!_watched.GetOrAdd(id, _ => new Watched()).TryAdd(changes))
        {
            // The last watcher was just leaving with the entry; the next round makes a new one.
        }

        lock (_someone)
        {
            if (_someone.CurrentCount == 0)
            {
                _someone.Release();
            }
        }
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
        private bool _closed;

        public bool TryAdd(Channel<OrderView> watcher)
        {
            lock (_watchers)
            {
                if (!_closed)
                {
                    _watchers.Add(watcher);
                }

                return !_closed;
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

        public void Publish(OrderView order)
        {
            lock (_watchers)
            {
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
