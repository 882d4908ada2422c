using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Shop.ServiceDefaults;

/// <summary>A small bounded cache whose entries end at a given time.</summary>
/// <remarks>
/// When full it drops expired entries, then arbitrary ones: not least recently used. It does not merge concurrent misses, and
/// the bound may be passed by as many entries as there are threads adding.
/// </remarks>
public sealed class ExpiringCache<TKey, TValue>(int capacity, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private readonly Lock _sweep = new();
    private int _count;

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
        if (Count >= capacity)
        {
            MakeRoom();
        }

        var entry = new Entry(value, expiresAt);
        if (_entries.TryAdd(key, entry))
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            _entries[key] = entry;
        }
    }

    public void Remove(TKey key)
    {
        if (_entries.TryRemove(key, out _))
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private void MakeRoom()
    {
        lock (_sweep)
        {
            var now = time.GetUtcNow();
            foreach (var (key, entry) in _entries)
            {
                // A quarter of the room at once, so that a full cache does not sweep at every miss.
                if (entry.ExpiresAt <= now || Count > capacity * 3 / 4)
                {
                    Remove(key);
                }
            }
        }
    }

    private sealed record Entry(TValue Value, DateTimeOffset ExpiresAt);
}
