using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Sessions in the memory of this process.</summary>
/// <remarks>They end with the process, and another replica does not know them.</remarks>
public sealed class InProcessSessionStore(IOptions<ShopSessionOptions> options, TimeProvider time) : ISessionStore
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<SessionKey, Entry> _sessions = new();
    private readonly ConcurrentDictionary<long, ImmutableHashSet<SessionKey>> _byCustomer = new();
    private readonly Lock _sweep = new();
    private DateTimeOffset _sweptAt = time.GetUtcNow();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public Task CreateAsync(SessionKey key, Session session, CancellationToken cancellationToken)
    {
        MakeRoom();

        // The index first: a session that is removed at once must find itself there, or its key would stay for ever.
        _byCustomer.AddOrUpdate(session.CustomerId, _ => [key], (_, keys) => keys.Add(key));
        if (!_sessions.TryAdd(key, new Entry(session)))
        {
            throw new InvalidOperationException("A session with this key exists already.");
        }

        Interlocked.Increment(ref _count);
        return Task.CompletedTask;
    }

    public ValueTask<Session?> FindAsync(SessionKey key, CancellationToken cancellationToken) => ValueTask.FromResult(Find(key)?.Session);

    public ValueTask<Session?> TouchAsync(SessionKey key, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(key)?.Slide(options.Value, time.GetUtcNow()));

    public Task DeleteAsync(SessionKey key, CancellationToken cancellationToken)
    {
        Remove(key);
        return Task.CompletedTask;
    }

    public Task DeleteAllAsync(long customerId, CancellationToken cancellationToken)
    {
        foreach (var key in _byCustomer.GetValueOrDefault(customerId, []))
        {
            Remove(key);
        }

        return Task.CompletedTask;
    }

    public ValueTask<Cart?> GetCartAsync(SessionKey key, CancellationToken cancellationToken) => ValueTask.FromResult(Find(key)?.ReadCart());

    public ValueTask<CartChange> PutItemAsync(SessionKey key, CartItem item, long? expectedVersion, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(key)?.Put(item, expectedVersion) ?? NoSession);

    public ValueTask<CartChange> RemoveItemAsync(SessionKey key, string sku, long? expectedVersion, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Find(key)?.Remove(sku, expectedVersion) ?? NoSession);

    public ValueTask RemoveOrderedAsync(SessionKey key, Cart ordered, CancellationToken cancellationToken)
    {
        Find(key)?.RemoveOrdered(ordered);
        return ValueTask.CompletedTask;
    }

    private static CartChange NoSession => new(CartOutcome.NoSession, new Cart([], Version: 0));

    private Entry? Find(SessionKey key) => _sessions.TryGetValue(key, out var entry) && !entry.Session.IsOver(time.GetUtcNow()) ? entry : null;

    private void Remove(SessionKey key)
    {
        if (!_sessions.TryRemove(key, out var entry))
        {
            return;
        }

        Interlocked.Decrement(ref _count);
        var customer = entry.Session.CustomerId;
        while (_byCustomer.TryGetValue(customer, out var keys))
        {
            var left = keys.Remove(key);
            if (left.IsEmpty ? _byCustomer.TryRemove(KeyValuePair.Create(customer, keys)) : _byCustomer.TryUpdate(customer, left, keys))
            {
                return;
            }
        }
    }

    private void MakeRoom()
    {
        lock (_sweep)
        {
            var now = time.GetUtcNow();
            if (Count < options.Value.MaxSessions && now - _sweptAt < SweepInterval)
            {
                return;
            }

            _sweptAt = now;
            foreach (var (key, entry) in _sessions)
            {
                if (entry.Session.IsOver(now))
                {
                    Remove(key);
                }
            }

            // Still full: the longest idle go, a tenth at once, so that a full store does not sort itself at every login.
            var surplus = Count < options.Value.MaxSessions ? 0 : Math.Max(1, Count / 10);
            foreach (var (key, _) in _sessions.OrderBy(pair => pair.Value.Session.ExpiresAt).Take(surplus).ToList())
            {
                Remove(key);
            }
        }
    }

    private sealed class Entry(Session session)
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
        private volatile Session _session = session;
        private long _version = session.CreatedAt.ToUnixTimeMilliseconds();

        public Session Session => _session;

        public Session Slide(ShopSessionOptions options, DateTimeOffset now)
        {
            lock (_lock)
            {
                return _session = _session.Slide(options, now);
            }
        }

        public Cart ReadCart()
        {
            lock (_lock)
            {
                return ReadCart_NeedsLock();
            }
        }

        public CartChange Put(CartItem item, long? expectedVersion) => Change(expectedVersion, () =>
        {
            var known = _lines.TryGetValue(item.Sku, out var line);
            if (!known && _lines.Count >= Cart.MaxItems)
            {
                return CartOutcome.Full;
            }

            _lines[item.Sku] = new Line(item.Quantity, AddedIn: known ? line.AddedIn : _version + 1);
            return CartOutcome.Changed;
        });

        public CartChange Remove(string sku, long? expectedVersion) =>
            Change(expectedVersion, () => _lines.Remove(sku) ? CartOutcome.Changed : CartOutcome.NoSuchItem);

        public void RemoveOrdered(Cart ordered) => Change(expectedVersion: null, () =>
        {
            foreach (var item in ordered.Items)
            {
                // A line put in after the cart was read is another wish, even for the same SKU.
                if (!_lines.TryGetValue(item.Sku, out var line) || line.AddedIn > ordered.Version)
                {
                    continue;
                }

                if (line.Quantity > item.Quantity)
                {
                    _lines[item.Sku] = line with { Quantity = line.Quantity - item.Quantity };
                }
                else
                {
                    _lines.Remove(item.Sku);
                }
            }

            return CartOutcome.Changed;
        });

        private CartChange Change(long? expectedVersion, Func<CartOutcome> change)
        {
            lock (_lock)
            {
                var outcome = expectedVersion is { } expected && expected != _version ? CartOutcome.Stale : change();
                _version += outcome is CartOutcome.Changed ? 1 : 0;
                return new CartChange(outcome, ReadCart_NeedsLock());
            }
        }

        private Cart ReadCart_NeedsLock() =>
            new([.. _lines.OrderBy(line => line.Value.AddedIn).Select(line => new CartItem(line.Key, line.Value.Quantity))], _version);

        private readonly record struct Line(int Quantity, long AddedIn);
    }
}
