using Microsoft.Extensions.Options;

namespace Shop.BuildingBlocks.Sessions;

/// <summary>Sessions in the memory of every gateway: a change is made here, told to the others, and merged there.</summary>
/// <remarks>
/// BASE: a change is answered when the others have it or have had their time; who was away hears of it later, so a gateway may show an older cart
/// meanwhile, and an If-Match decides at one gateway only. Changes of different items of a cart all survive, of the same item the later one; a log-out
/// wins over everything. Only when every gateway dies at once are all sessions lost. State-based merging as in Shapiro et al., "A comprehensive study of
/// Convergent and Commutative Replicated Data Types" (INRIA RR-7506): counters per replica, registers by stamp, tombstones until nothing older can live.
/// </remarks>
public sealed class ReplicatedSessionStore : ISessionStore
{
    private const int MaxLines = Cart.MaxItems * 4; // with those that were taken out

    private static readonly Dictionary<string, LineState> NoLines = [];
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Entry> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Logouts> _logouts = [];
    private readonly SortedSet<Place> _places = new(Comparer<Place>.Create((a, b) => a.Position.CompareTo(b.Position)));
    private readonly Lock _gate = new();
    private readonly ShopSessionOptions _options;
    private readonly TimeProvider _time;
    private readonly string _node;
    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly Func<SessionNews, CancellationToken, Task<bool>> _tell;
    private DateTimeOffset _sweptAt;
    private long _position;

    /// <param name="node">This gateway's name, which no other has.</param>
    /// <param name="tell">Tells the other gateways; true when all that are known have confirmed it.</param>
    public ReplicatedSessionStore(
        IOptions<ShopSessionOptions> options, TimeProvider time, string node, Func<SessionNews, CancellationToken, Task<bool>> tell) =>
        (_options, _time, _node, _tell, _sweptAt) = (options.Value, time, node, tell, time.GetUtcNow());

    /// <summary>Sessions, those that have ended and are remembered for that too.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sessions.Count;
            }
        }
    }

    public Task CreateAsync(SessionKey key, Session session, CancellationToken cancellationToken) => ChangeAsync<bool>(
        () =>
        {
            MakeRoom_NeedsLock();
            // Not less than what is forgotten by now: to whoever still remembers the last log-out, this login comes after it.
            var forgotten = (session.CreatedAt - _options.AbsoluteTimeout).ToUnixTimeMilliseconds();
            var entry = new Entry(key.Value, session, Math.Max(LoginsOf_NeedsLock(session.CustomerId), forgotten));
            if (!_sessions.TryAdd(key.Value, entry))
            {
                throw new InvalidOperationException("A session with this key exists already.");
            }

            Place_NeedsLock(entry);
            return (true, entry.ToState(NoLines));
        },
        cancellationToken);

    public ValueTask<Session?> FindAsync(SessionKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find_NeedsLock(key)?.Session);
        }
    }

    public async ValueTask<Session?> TouchAsync(SessionKey key, CancellationToken cancellationToken) => await ChangeAsync<Session?>(
        () =>
        {
            if (Find_NeedsLock(key) is not { } entry)
            {
                return (null, null);
            }

            entry.Session = entry.Session.Slide(_options, _time.GetUtcNow());
            Place_NeedsLock(entry);
            return (entry.Session, entry.ToState(NoLines));
        },
        cancellationToken);

    /// <exception cref="SessionPeersAwayException">It is over here and wherever else it was heard of; not everybody has confirmed.</exception>
    public async Task DeleteAsync(SessionKey key, CancellationToken cancellationToken)
    {
        SessionState? ended;
        lock (_gate)
        {
            if (!_sessions.TryGetValue(key.Value, out var entry))
            {
                return;
            }

            entry.End();
            Place_NeedsLock(entry);
            ended = entry.ToState(NoLines);
        }

        await TellOfEndAsync(new SessionNews(_node, [ended], []), cancellationToken);
    }

    /// <exception cref="SessionPeersAwayException">They are over here and wherever else it was heard of; not everybody has confirmed.</exception>
    public async Task DeleteAllAsync(long customerId, CancellationToken cancellationToken)
    {
        LogoutState state;
        lock (_gate)
        {
            var logouts = _logouts.TryGetValue(customerId, out var known) ? known : _logouts[customerId] = new Logouts(customerId);
            logouts.At = _time.GetUtcNow();
            logouts.Logins = Math.Max(logouts.Logins + 1, logouts.At.ToUnixTimeMilliseconds());
            Place_NeedsLock(logouts);
            state = logouts.ToState();
        }

        await TellOfEndAsync(new SessionNews(_node, [], [state]), cancellationToken);
    }

    public ValueTask<Cart?> GetCartAsync(SessionKey key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(Find_NeedsLock(key)?.ToCart());
        }
    }

    public ValueTask<CartChange> PutItemAsync(SessionKey key, CartItem item, long? expectedVersion, CancellationToken cancellationToken) =>
        ChangeCartAsync(key, expectedVersion, cart =>
        {
            var known = cart.LineOf(item.Sku);
            return known is null && cart.Items >= Cart.MaxItems
                ? (CartOutcome.Full, [])
                : (CartOutcome.Changed, [(item.Sku, item.Quantity, known?.AddedIn)]);
        }, cancellationToken);

    public ValueTask<CartChange> RemoveItemAsync(SessionKey key, string sku, long? expectedVersion, CancellationToken cancellationToken) =>
        ChangeCartAsync(
            key, expectedVersion,
            cart => cart.LineOf(sku) is { } line ? (CartOutcome.Changed, [(sku, 0, line.AddedIn)]) : (CartOutcome.NoSuchItem, []),
            cancellationToken);

    public async ValueTask RemoveOrderedAsync(SessionKey key, Cart ordered, CancellationToken cancellationToken) => await ChangeCartAsync(
        key, expectedVersion: null,
        cart =>
        {
            // A line put in after the cart was read is another wish, even for the same SKU.
            var changes =
                from item in ordered.Items
                let line = cart.LineOf(item.Sku)
                where line is not null && line.AddedIn <= ordered.Version
                select (item.Sku, Math.Max(0, line!.Quantity - item.Quantity), (long?)line.AddedIn);
            return (CartOutcome.Changed, [.. changes]);
        },
        cancellationToken);

    /// <summary>Takes in what another gateway tells.</summary>
    public void Merge(SessionNews news)
    {
        lock (_gate)
        {
            MakeRoom_NeedsLock();
            foreach (var logout in news.Logouts)
            {
                var known = _logouts.TryGetValue(logout.CustomerId, out var logouts) ? logouts : _logouts[logout.CustomerId] = new Logouts(logout.CustomerId);
                if (known.Merge(logout))
                {
                    Place_NeedsLock(known);
                }
            }

            foreach (var state in news.Sessions)
            {
                Merge_NeedsLock(state);
            }
        }
    }

    /// <summary>What this gateway came to know after a position; from the start where the position is of another run.</summary>
    public SessionPage After(string? run, long position, int most)
    {
        lock (_gate)
        {
            var from = run == _run ? position : 0;
            var places = _places.GetViewBetween(new Place(from + 1, null, null), new Place(long.MaxValue, null, null)).Take(most).ToList();
            return new SessionPage(
                _run,
                places.Count == 0 ? from : places[^1].Position,
                places.Count < most,
                new SessionNews(
                    _node,
                    [.. places.Where(place => place.Session is not null).Select(place => place.Session!.ToState(place.Session.Lines))],
                    [.. places.Where(place => place.Logouts is not null).Select(place => place.Logouts!.ToState())]));
        }
    }

    private async ValueTask<CartChange> ChangeCartAsync(
        SessionKey key, long? expectedVersion, Func<Entry, (CartOutcome, IReadOnlyList<(string Sku, int Quantity, long? AddedIn)>)> decide,
        CancellationToken cancellationToken) => await ChangeAsync<CartChange>(
        () =>
        {
            if (Find_NeedsLock(key) is not { } entry)
            {
                return (new CartChange(CartOutcome.NoSession, new Cart([], Version: 0)), null);
            }

            var (outcome, changes) = expectedVersion is { } expected && expected != entry.Version ? (CartOutcome.Stale, []) : decide(entry);
            if (outcome is not CartOutcome.Changed)
            {
                return (new CartChange(outcome, entry.ToCart()), null);
            }

            var changed = entry.Change(_node, changes);
            Place_NeedsLock(entry);
            return (new CartChange(outcome, entry.ToCart()), entry.ToState(changed));
        },
        cancellationToken);

    private async Task<T> ChangeAsync<T>(Func<(T Result, SessionState? Changed)> change, CancellationToken cancellationToken)
    {
        T result;
        SessionState? changed;
        lock (_gate)
        {
            (result, changed) = change();
        }

        if (changed is not null)
        {
            // Whether everybody has it or not, it is made: who was away asks for what it missed.
            await _tell(new SessionNews(_node, [changed], []), cancellationToken);
        }

        return result;
    }

    private async Task TellOfEndAsync(SessionNews news, CancellationToken cancellationToken)
    {
        if (!await _tell(news, cancellationToken))
        {
            throw new SessionPeersAwayException();
        }
    }

    private Entry? Find_NeedsLock(SessionKey key) =>
        _sessions.TryGetValue(key.Value, out var entry) && !entry.HasEnded && !entry.Session.IsOver(_time.GetUtcNow())
        && entry.Logins >= LoginsOf_NeedsLock(entry.Session.CustomerId)
            ? entry
            : null;

    private long LoginsOf_NeedsLock(long customerId) => _logouts.TryGetValue(customerId, out var logouts) ? logouts.Logins : 0;

    private void Merge_NeedsLock(SessionState state)
    {
        var now = _time.GetUtcNow();
        if (!_sessions.TryGetValue(state.Key, out var entry))
        {
            // What can live no more is not taken in, or a gateway that was away for long would bring it back.
            var isOver = DateTimeOffset.FromUnixTimeMilliseconds(state.HasEnded ? state.CreatedAt : state.ExpiresAt) + (state.HasEnded ? _options.AbsoluteTimeout : TimeSpan.Zero) <= now;
            if (isOver || state.Logins < LoginsOf_NeedsLock(state.CustomerId))
            {
                return;
            }

            _sessions.Add(state.Key, entry = Entry.Of(state));
            Place_NeedsLock(entry);
        }
        else if (entry.Merge(state, _options))
        {
            Place_NeedsLock(entry);
        }
    }

    private void Place_NeedsLock(Entry entry)
    {
        _places.Remove(new Place(entry.Position, null, null));
        entry.Position = ++_position;
        _places.Add(new Place(entry.Position, entry, null));
    }

    private void Place_NeedsLock(Logouts logouts)
    {
        _places.Remove(new Place(logouts.Position, null, null));
        logouts.Position = ++_position;
        _places.Add(new Place(logouts.Position, null, logouts));
    }

    private void MakeRoom_NeedsLock()
    {
        var now = _time.GetUtcNow();
        if (_sessions.Count < _options.MaxSessions && now - _sweptAt < SweepInterval)
        {
            return;
        }

        _sweptAt = now;

        // That a session has ended is remembered for as long as somebody may still believe in it.
        foreach (var entry in _sessions.Values.Where(e => (e.HasEnded ? e.Session.CreatedAt + _options.AbsoluteTimeout : e.Session.ExpiresAt) <= now).ToList())
        {
            Remove_NeedsLock(entry);
        }

        foreach (var logouts in _logouts.Values.Where(l => l.At + _options.AbsoluteTimeout <= now).ToList())
        {
            _logouts.Remove(logouts.CustomerId);
            _places.Remove(new Place(logouts.Position, null, null));
        }

        // Still full: the longest idle go, a tenth at once, so that a full store does not sort itself at every login.
        var surplus = _sessions.Count < _options.MaxSessions ? 0 : Math.Max(1, _sessions.Count / 10);
        foreach (var entry in _sessions.Values.OrderBy(e => e.Session.ExpiresAt).Take(surplus).ToList())
        {
            Remove_NeedsLock(entry);
        }
    }

    private void Remove_NeedsLock(Entry entry)
    {
        _sessions.Remove(entry.Key);
        _places.Remove(new Place(entry.Position, null, null));
    }

    private sealed record Place(long Position, Entry? Session, Logouts? Logouts);

    private sealed class Logouts(long customerId)
    {
        public long CustomerId => customerId;

        public long Logins { get; set; }

        public DateTimeOffset At { get; set; }

        public long Position { get; set; }

        public LogoutState ToState() => new(customerId, Logins, At.ToUnixTimeMilliseconds());

        public bool Merge(LogoutState other)
        {
            if (other.Logins <= Logins)
            {
                return false;
            }

            (Logins, At) = (other.Logins, DateTimeOffset.FromUnixTimeMilliseconds(other.At));
            return true;
        }
    }

    private sealed class Entry(string key, Session session, long logins)
    {
        private readonly Dictionary<string, long> _changes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, LineState> _lines = new(StringComparer.Ordinal);

        public string Key => key;

        public Session Session { get; set; } = session;

        public long Logins => logins;

        public bool HasEnded { get; private set; }

        public long Position { get; set; }

        public long Version => Session.CreatedAt.ToUnixTimeMilliseconds() + _changes.Values.Sum();

        public int Items => _lines.Values.Count(line => line.Quantity > 0);

        public IReadOnlyDictionary<string, LineState> Lines => _lines;

        public static Entry Of(SessionState state)
        {
            var created = DateTimeOffset.FromUnixTimeMilliseconds(state.CreatedAt);
            var entry = new Entry(
                state.Key, new Session(state.CustomerId, state.Name, created, DateTimeOffset.FromUnixTimeMilliseconds(state.ExpiresAt)), state.Logins);
            entry.MergeCart(state);
            if (state.HasEnded)
            {
                entry.End();
            }

            return entry;
        }

        public LineState? LineOf(string sku) => _lines.TryGetValue(sku, out var line) && line.Quantity > 0 ? line : null;

        public void End()
        {
            HasEnded = true;
            _lines.Clear();
        }

        public Dictionary<string, LineState> Change(string node, IReadOnlyList<(string Sku, int Quantity, long? AddedIn)> changes)
        {
            _changes[node] = _changes.GetValueOrDefault(node) + 1;
            var version = Version; // greater than every stamp that is known here
            var changed = changes.ToDictionary(c => c.Sku, c => new LineState(c.Quantity, c.AddedIn ?? version, version, node));
            foreach (var (sku, line) in changed)
            {
                _lines[sku] = line;
            }

            ForgetOldest();
            return changed;
        }

        /// <summary>True when something is new.</summary>
        public bool Merge(SessionState other, ShopSessionOptions options)
        {
            if (HasEnded)
            {
                return false;
            }

            if (other.HasEnded)
            {
                End();
                return true;
            }

            var latest = Session.CreatedAt + options.AbsoluteTimeout;
            var expires = DateTimeOffset.FromUnixTimeMilliseconds(other.ExpiresAt);
            var isNew = expires > Session.ExpiresAt;
            if (isNew)
            {
                Session = Session with { ExpiresAt = expires < latest ? expires : latest };
            }

            return MergeCart(other) || isNew;
        }

        public Cart ToCart() => new(
            [.. _lines.Where(line => line.Value.Quantity > 0).OrderBy(line => line.Value.AddedIn).ThenBy(line => line.Key, StringComparer.Ordinal)
                .Select(line => new CartItem(line.Key, line.Value.Quantity))],
            Version);

        public SessionState ToState(IReadOnlyDictionary<string, LineState> lines) => new(
            key, Session.CustomerId, Session.CustomerName, Session.CreatedAt.ToUnixTimeMilliseconds(), Session.ExpiresAt.ToUnixTimeMilliseconds(), logins, HasEnded,
            new Dictionary<string, long>(_changes), HasEnded ? new Dictionary<string, LineState>() : new Dictionary<string, LineState>(lines));

        private bool MergeCart(SessionState other)
        {
            var isNew = false;
            foreach (var (node, count) in other.Changes)
            {
                if (count > _changes.GetValueOrDefault(node))
                {
                    _changes[node] = count;
                    isNew = true;
                }
            }

            foreach (var (sku, line) in other.Lines)
            {
                if (!_lines.TryGetValue(sku, out var known) || line.Stamp > known.Stamp
                    || (line.Stamp == known.Stamp && string.CompareOrdinal(line.Node, known.Node) > 0))
                {
                    _lines[sku] = line;
                    isNew = true;
                }
            }

            ForgetOldest();
            return isNew;
        }

        // A line that was taken out is remembered, so that an older one does not come back; of very many the oldest are forgotten.
        private void ForgetOldest()
        {
            foreach (var (sku, _) in _lines.Where(line => line.Value.Quantity == 0).OrderBy(line => line.Value.Stamp).Take(Math.Max(0, _lines.Count - MaxLines)).ToList())
            {
                _lines.Remove(sku);
            }
        }
    }
}
