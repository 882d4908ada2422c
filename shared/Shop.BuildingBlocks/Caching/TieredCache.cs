using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Shop.BuildingBlocks.Redis;

namespace Shop.BuildingBlocks.Caching;

/// <summary>Cache-aside in the memory of this process and, where one is given, in Redis. At most one reading of a key is under way per process, and
/// where Redis answers, one in all processes.</summary>
/// <remarks>
/// It does not promise the newest value: an answer is at most as old as its lifetime, and usually as the time that word of a change takes. What it
/// does promise is that word of a change cannot be undone: a reading that began before is never kept after it, however long its reader slept. When Redis
/// is away, each process reads for itself. After dtm's cache (owner checked, delete by tag) and "Scaling Memcache at Facebook" (leases, NSDI 2013).
/// </remarks>
public sealed class TieredCache<T>
    where T : class
{
    private const int MaxTries = 3;

    // For so long after it has ended an entry still says what is too old.
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly CacheOptions _options;
    private readonly TimeSpan _lifetime;
    private readonly SharedLevel? _shared;
    private readonly Func<bool> _hearsOfChanges;
    private readonly TimeProvider _clock;
    private int _count;

    /// <param name="name">Part of the keys in Redis and of the metrics.</param>
    /// <param name="lifetime">Of an entry in this process.</param>
    /// <param name="shared">Null: this process only.</param>
    /// <param name="hearsOfChanges">Whether word of changes reaches this process now; while it does not, entries live for a shorter time.</param>
    public TieredCache(string name, TimeSpan lifetime, CacheOptions options, SharedLevel? shared, Func<bool> hearsOfChanges, TimeProvider clock)
    {
        (_lifetime, _options, _shared, _hearsOfChanges, _clock) = (lifetime, options, shared, hearsOfChanges, clock);
        Counters = new CacheCounters(name);
    }

    public string Name => Counters.Cache;

    public CacheCounters Counters { get; }

    /// <summary>Entries in this process.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The value of a key; <paramref name="load"/> reads it from the source of truth, and null means that there is none.</summary>
    /// <remarks>A failure to load is everybody's who waits for it, and is not kept. Loading goes on when its caller is gone: others may wait for it.</remarks>
    public ValueTask<Cached<T>> GetAsync(string key, Func<CancellationToken, Task<Versioned<T>?>> load, CancellationToken cancellationToken)
    {
        if (!TryGet(key, out var entry))
        {
            return new ValueTask<Cached<T>>(MissAsync(key, load, cancellationToken));
        }

        return new ValueTask<Cached<T>>(Hit(entry));
    }

    /// <summary>Says that the key has this version by now, in this process: nothing older is kept or given to whoever asks from now on.</summary>
    public void Invalidate(string key, long version)
    {
        lock (_gate)
        {
            Overtake_NeedsLock(key, version);
            if (!_entries.TryGetValue(key, out var known) || known.Answer.Version < version)
            {
                Keep_NeedsLock(key, Entry.Mark(version, _clock.GetUtcNow() + Memory));
            }
        }

        Counters.Count(CacheEvent.Invalidated);
    }

    /// <summary>Forgets the key in this process, whatever its version.</summary>
    public void Drop(string key)
    {
        lock (_gate)
        {
            Overtake_NeedsLock(key, long.MaxValue);
            Remove_NeedsLock(key);
        }

        Counters.Count(CacheEvent.Invalidated);
    }

    /// <summary>Forgets everything in this process, also what is just being read.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var key in _flights.Keys.ToList())
            {
                Overtake_NeedsLock(key, long.MaxValue);
            }

            _entries.Clear();
            Volatile.Write(ref _count, 0);
        }

        Counters.Count(CacheEvent.Cleared);
    }

    private bool TryGet(string key, [NotNullWhen(true)] out Entry? entry)
    {
        var now = _clock.GetUtcNow();
        return _entries.TryGetValue(key, out entry) && now < entry.ExpiresAt && (now < entry.AloneUntil || _hearsOfChanges());
    }

    private Cached<T> Hit(Entry entry)
    {
        Counters.Count(entry.Answer.Value is null ? CacheEvent.NegativeHits : CacheEvent.LocalHits);
        return entry.Answer;
    }

    private async Task<Cached<T>> MissAsync(string key, Func<CancellationToken, Task<Versioned<T>?>> load, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            if (Join(key, load, out var flight) is not { } landed)
            {
                return await LoadAsync(load, cancellationToken);
            }

            var answer = await landed.WaitAsync(cancellationToken);

            // Who asked after a change must not get what was read before it; who keeps meeting changes gets one of the values in between.
            if (answer.Version >= flight.Floor || tries == MaxTries)
            {
                return answer;
            }
        }
    }

    // Null when too much is being read already.
    private Task<Cached<T>>? Join(string key, Func<CancellationToken, Task<Versioned<T>?>> load, out Flight flight)
    {
        lock (_gate)
        {
            if (_flights.TryGetValue(key, out flight!))
            {
                Counters.Count(CacheEvent.Joined);
                return flight.Landed;
            }

            // Found by another thread between this one's look and its turn.
            if (TryGet(key, out var entry))
            {
                flight = new Flight(entry.Answer.Version);
                return Task.FromResult(Hit(entry));
            }

            if (_flights.Count >= _options.MaxReadings)
            {
                Counters.Count(CacheEvent.Bypassed);
                return null;
            }

            _flights.Add(key, flight = new Flight(FloorOf_NeedsLock(key)));
        }

        _ = FlyAsync(flight, key, load);
        return flight.Landed;
    }

    private async Task FlyAsync(Flight flight, string key, Func<CancellationToken, Task<Versioned<T>?>> load)
    {
        try
        {
            var answer = await ReadAsync(key, flight, load);
            lock (_gate)
            {
                End_NeedsLock();
                if (answer.Version < flight.Floor || answer.Version < FloorOf_NeedsLock(key))
                {
                    Counters.Count(CacheEvent.RefusedLocally);
                }
                else
                {
                    Keep_NeedsLock(key, NewEntry(answer));
                }
            }

            flight.Land(answer);
        }
        catch (Exception exception)
        {
            lock (_gate)
            {
                End_NeedsLock();
            }

            flight.Crash(exception);
        }

        void End_NeedsLock()
        {
            if (_flights.TryGetValue(key, out var current) && current == flight)
            {
                _flights.Remove(key);
            }
        }
    }

    private async Task<Cached<T>> ReadAsync(string key, Flight flight, Func<CancellationToken, Task<Versioned<T>?>> load)
    {
        if (_shared is null)
        {
            return await LoadAsync(load);
        }

        var owner = SharedLevel.NewOwner();
        var patience = _clock.GetUtcNow() + (_options.LeaseTime * 2);
        for (var (tries, waited) = (1, false); ;)
        {
            switch (await TryAsync(() => _shared.OpenAsync<T>(Name, key, owner, _options.LeaseTime)))
            {
                case SharedHit<T> { Value: { } value } hit when hit.Version >= flight.Floor:
                    Counters.Count(CacheEvent.SharedHits);
                    return new Cached<T>(value, hit.Version, hit.ReadAt, CacheSource.Shared);

                case SharedHit<T> hit:
                    // Redis has not heard yet of the change that this process knows of, or holds what another program wrote.
                    Counters.Count(hit.Value is null ? CacheEvent.Unreadable : CacheEvent.RefusedLocally);
                    return await LoadAsync(load);

                case SharedLease:
                    var (answer, kept) = await RefillAsync(key, owner, load);
                    if (kept || tries++ == MaxTries)
                    {
                        return answer;
                    }

                    break;

                case SharedBusy when _clock.GetUtcNow() < patience:
                    if (!waited)
                    {
                        Counters.Count(CacheEvent.Awaited);
                        waited = true;
                    }

                    await Task.Delay(_options.LeasePoll, _clock);
                    break;

                case SharedBusy:
                    Counters.Count(CacheEvent.GivenUp);
                    return await LoadAsync(load);

                default:
                    Counters.Count(CacheEvent.Bypassed);
                    return await LoadAsync(load);
            }
        }
    }

    // False: the value may be older than what others know by now, so it is read again.
    private async Task<(Cached<T> Answer, bool Kept)> RefillAsync(string key, string owner, Func<CancellationToken, Task<Versioned<T>?>> load)
    {
        Cached<T> answer;
        try
        {
            answer = await LoadAsync(load);
        }
        catch (Exception)
        {
            await TryAsync(() => _shared!.GiveBackAsync(Name, key, owner)); // the next one need not wait for the lease to run out
            throw;
        }

        if (answer.Value is null)
        {
            await TryAsync(() => _shared!.GiveBackAsync(Name, key, owner));
            return (answer, true);
        }

        var stored = await TryAsync(() => _shared!.StoreAsync(Name, key, owner, answer, Shortened(_options.SharedLifetime)));
        if (stored is SharedRefusal refusal)
        {
            Counters.Count(refusal.Newer ? CacheEvent.RefusedByVersion : CacheEvent.RefusedByLease);
            return (answer, false);
        }

        return (answer, true);
    }

    private async Task<Cached<T>> LoadAsync(Func<CancellationToken, Task<Versioned<T>?>> load, CancellationToken cancellationToken = default)
    {
        var began = _clock.GetUtcNow();
        Counters.Count(CacheEvent.Loads);
        var read = await load(cancellationToken);
        return new Cached<T>(read?.Value, read?.Version ?? 0, began, CacheSource.Origin);
    }

    // Without Redis a page is served from the database, which is slower and right.
    private static async Task<SharedAnswer?> TryAsync(Func<Task<SharedAnswer>> call)
    {
        try
        {
            return await call();
        }
        catch (RedisUnavailableException)
        {
            return null;
        }
    }

    private Entry NewEntry(Cached<T> answer)
    {
        var now = _clock.GetUtcNow();
        var lifetime = answer.Value is null ? _options.NegativeLifetime : _lifetime;
        var expiresAt = now + Shortened(lifetime);
        return new Entry(answer with { From = CacheSource.Local }, expiresAt, now + _options.AloneLifetime, expiresAt + Memory);
    }

    // Not secret and not seeded: it only has to differ between entries.
    private TimeSpan Shortened(TimeSpan lifetime) =>
        lifetime * (1 - (_options.Jitter * ((uint)HashCode.Combine(_clock.GetTimestamp(), lifetime) / (double)uint.MaxValue)));

    private long FloorOf_NeedsLock(string key) =>
        _entries.TryGetValue(key, out var entry) && _clock.GetUtcNow() < entry.RemembersUntil ? entry.Answer.Version : 0;

    private void Overtake_NeedsLock(string key, long version)
    {
        if (_flights.Remove(key, out var flight))
        {
            flight.Floor = version;
        }
    }

    private void Keep_NeedsLock(string key, Entry entry)
    {
        if (!_entries.ContainsKey(key))
        {
            if (_count >= _options.MaxEntries)
            {
                MakeRoom_NeedsLock();
            }

            Volatile.Write(ref _count, _count + 1);
        }

        _entries[key] = entry;
    }

    private void Remove_NeedsLock(string key)
    {
        if (_entries.TryRemove(key, out _))
        {
            Volatile.Write(ref _count, _count - 1);
        }
    }

    // What nobody needs any more goes, then whatever comes: a quarter of the room at once, so that a full cache does not sweep at every miss.
    private void MakeRoom_NeedsLock()
    {
        var now = _clock.GetUtcNow();
        foreach (var (key, entry) in _entries)
        {
            if (entry.RemembersUntil <= now || _count > _options.MaxEntries * 3 / 4)
            {
                Remove_NeedsLock(key);
                Counters.Count(CacheEvent.Evicted);
            }
        }
    }

    private sealed record Entry(Cached<T> Answer, DateTimeOffset ExpiresAt, DateTimeOffset AloneUntil, DateTimeOffset RemembersUntil)
    {
        /// <summary>No value, only the knowledge that everything below this version is too old.</summary>
        public static Entry Mark(long version, DateTimeOffset until) =>
            new(new Cached<T>(null, version, until, CacheSource.Local), DateTimeOffset.MinValue, DateTimeOffset.MinValue, until);
    }

    private sealed class Flight(long floor)
    {
        private readonly TaskCompletionSource<Cached<T>> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _floor = floor;

        public Task<Cached<T>> Landed => _landed.Task;

        /// <summary>The lowest version that may be kept and given to whoever joined.</summary>
        public long Floor
        {
            get => Volatile.Read(ref _floor);
            set => Volatile.Write(ref _floor, value);
        }

        public void Land(Cached<T> answer) => _landed.SetResult(answer);

        public void Crash(Exception exception)
        {
            _landed.SetException(exception);
            _ = _landed.Task.Exception; // observed, also when everybody who waited is gone
        }
    }
}
