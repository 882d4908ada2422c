using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Caching;
using Shop.ServiceDefaults;

namespace Shop.Gateway.Edge;

/// <summary>Pages that are the same for everybody, in bounded memory; each is asked for once at a time, also when it has to be confirmed.</summary>
/// <remarks>
/// A page may be as old as its service allows, which is little; word of a change ends it earlier. After that word nothing of the product is kept for a
/// while, so that a replica that has not heard of it cannot put the old page back.
/// </remarks>
internal sealed class EdgeCache
{
    /// <summary>The cache of the services whose changes are heard of here.</summary>
    private const string Products = "products";

    private const int MaxSettling = 10_000;

    private static readonly TimeSpan Pass = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, LinkedListNode<Kept>> _pages = new(StringComparer.Ordinal);
    private readonly LinkedList<Kept> _byUse = new(); // the last used first
    private readonly Dictionary<string, Asking> _asking = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly ExpiringCache<string, bool> _settling;
    private readonly ExpiringCache<string, bool> _passed;
    private readonly EdgeOptions _options;
    private readonly TimeProvider _clock;
    private DateTimeOffset _allSettleUntil;
    private long _bytes;

    public EdgeCache(IOptions<EdgeOptions> options, TimeProvider clock, InvalidationFeed? feed = null)
    {
        (_options, _clock) = (options.Value, clock);
        _settling = new ExpiringCache<string, bool>(MaxSettling, clock);
        _passed = new ExpiringCache<string, bool>(MaxSettling, clock);
        if (feed is not null)
        {
            feed.Lost += Clear;
            feed.Changed += change =>
            {
                if (change.Cache == Products)
                {
                    Purge(change);
                }
            };
        }
    }

    public CacheCounters Counters { get; } = new("edge");

    public (int Pages, long Bytes) Size
    {
        get
        {
            lock (_gate)
            {
                return (_pages.Count, _bytes);
            }
        }
    }

    /// <summary>The page, fresh; null where it cannot be kept or got here, and the caller goes on to the service itself.</summary>
    /// <param name="key">What is asked for: a path and its query, and what else the page depends on.</param>
    /// <param name="ask">Asks the service, naming the page that is kept; null when nothing came of it.</param>
    public async Task<EdgePage?> GetAsync(EdgeKey key, Func<EdgePage?, Task<EdgePage?>> ask, CancellationToken cancellationToken)
    {
        EdgePage? old = null;
        Asking? asking;
        lock (_gate)
        {
            if (_pages.TryGetValue(key.Text, out var node))
            {
                old = node.Value.Page;
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                if (_clock.GetUtcNow() < old.FreshUntil)
                {
                    Counters.Count(CacheEvent.LocalHits);
                    return old;
                }
            }

            if (IsSettling(key.Path) || _passed.TryGet(key.Text, out _))
            {
                return null;
            }

            if (!_asking.TryGetValue(key.Text, out asking))
            {
                _asking.Add(key.Text, asking = new Asking(key));
                _ = AskAsync(asking, old, ask);
            }
            else
            {
                Counters.Count(CacheEvent.Joined);
            }
        }

        return await asking.Answer.WaitAsync(cancellationToken);
    }

    public void Clear()
    {
        lock (_gate)
        {
            _allSettleUntil = _clock.GetUtcNow() + _options.SettleTime;
            _pages.Clear();
            _byUse.Clear();
            _bytes = 0;
            Overtake_NeedsLock(_ => true);
        }

        Counters.Count(CacheEvent.Cleared);
    }

    private void Purge(Change change)
    {
        if (change.IsOfAll)
        {
            Clear();
            return;
        }

        lock (_gate)
        {
            var end = _clock.GetUtcNow() + _options.SettleTime;
            foreach (var path in new[] { EdgeKey.ListPath, EdgeKey.ProductPath(change.Key) })
            {
                _settling.Set(path, true, end);
                foreach (var node in _pages.Values.Where(kept => kept.Value.Key.Path == path).ToList())
                {
                    Remove_NeedsLock(node);
                }

                Overtake_NeedsLock(asked => asked.Key.Path == path);
            }
        }

        Counters.Count(CacheEvent.Invalidated);
    }

    // Never throws: whoever waits goes on to the service, which says what is wrong.
    private async Task AskAsync(Asking asking, EdgePage? old, Func<EdgePage?, Task<EdgePage?>> ask)
    {
        await Task.Yield(); // out of the lock
        EdgePage? page = null;
        try
        {
            page = await ask(old);
            Counters.Count(page is not null && ReferenceEquals(page.Body, old?.Body) ? CacheEvent.Revalidated : CacheEvent.Loads);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            Counters.Count(CacheEvent.Bypassed);
        }
        finally
        {
            if (page is null)
            {
                _passed.Set(asking.Key.Text, true, _clock.GetUtcNow() + Pass); // whoever comes now asks once and not twice
            }

            lock (_gate)
            {
                if (_asking.GetValueOrDefault(asking.Key.Text) == asking)
                {
                    _asking.Remove(asking.Key.Text);
                    Keep_NeedsLock(asking.Key, page);
                }
                else
                {
                    Counters.Count(CacheEvent.RefusedLocally);
                }
            }

            asking.End(page);
        }
    }

    private bool IsSettling(string path) => _clock.GetUtcNow() < _allSettleUntil || _settling.TryGet(path, out _);

    private void Overtake_NeedsLock(Func<Asking, bool> which)
    {
        foreach (var asking in _asking.Values.Where(which).ToList())
        {
            _asking.Remove(asking.Key.Text);
        }
    }

    private void Keep_NeedsLock(EdgeKey key, EdgePage? page)
    {
        if (_pages.TryGetValue(key.Text, out var known))
        {
            Remove_NeedsLock(known);
        }

        if (page is null)
        {
            return;
        }

        _pages[key.Text] = _byUse.AddFirst(new Kept(key, page));
        _bytes += page.Size;
        while (_pages.Count > _options.MaxEntries || _bytes > _options.MaxBytes)
        {
            Remove_NeedsLock(_byUse.Last!);
            Counters.Count(CacheEvent.Evicted);
        }
    }

    private void Remove_NeedsLock(LinkedListNode<Kept> node)
    {
        _pages.Remove(node.Value.Key.Text);
        _byUse.Remove(node);
        _bytes -= node.Value.Page.Size;
    }

    private sealed record Kept(EdgeKey Key, EdgePage Page);

    private sealed class Asking(EdgeKey key)
    {
        private readonly TaskCompletionSource<EdgePage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EdgeKey Key => key;

        public Task<EdgePage?> Answer => _answer.Task;

        public void End(EdgePage? page) => _answer.SetResult(page);
    }
}
