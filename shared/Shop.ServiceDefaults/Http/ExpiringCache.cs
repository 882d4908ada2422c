using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Shop.ServiceDefaults;

/// <summary>A small bounded cache whose entries end at a given time.</summary>
/// <remarks>
/// Entries that have ended are dropped when it has grown to twice what was alive when it last looked, so that it never holds much more than what is
/// in use; when full it drops arbitrary ones, not the least recently used. It does not merge concurrent misses.
/// </remarks>
public sealed class ExpiringCache<TKey, TValue>(int capacity, TimeProvider time)
    where TKey : notnull
{
    private const int SmallestSweep = 64;

    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private readonly Lock _changes = new(); // readers need none
    private int _count;
    private int _sweepAt = Math.Min(SmallestSweep, capacity);

    public int Count => Volatile.Read(ref _count);

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.ExpiresAt > time.GetUtcNow())
        {
            value = entry.Value;
            return true;
        }

        value = default;
        return false;
    }

    public void Set(TKey key, TValue value, DateTimeOffset expiresAt)
    {
        var entry = new Entry(value, expiresAt);
        lock (_changes)
        {
            if (_entries.ContainsKey(key))
            {
                _entries[key] = entry;
                return;
            }

            if (_count >= _sweepAt)
            {
                MakeRoom();
            }

            _entries[key] = entry;
            _count++;
        }
    }

    public void Remove(TKey key)
    {
        lock (_changes)
        {
            if (_entries.TryRemove(key, out _))
            {
                _count--;
            }
        }
    }

    private void MakeRoom()
    {
        var now = time.GetUtcNow();
        foreach (var (key, _) in _entries.Where(entry => entry.Value.ExpiresAt <= now))
        {
            Remove(key);
        }

        if (_count >= capacity)
        {
            // A quarter of the room at once, so that a full cache does not sweep at every miss.
            foreach (var (key, _) in _entries.Take(_count - (capacity * 3 / 4)))
            {
                Remove(key);
            }
        }

        _sweepAt = Math.Min(capacity, Math.Max(SmallestSweep, 2 * _count));
    }

    private sealed record Entry(TValue Value, DateTimeOffset ExpiresAt);
}
