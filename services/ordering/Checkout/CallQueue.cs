using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Contracts.Messages;

namespace Shop.Ordering.Checkout;

/// <summary>Orders whose participants are to be called, in memory: what a crash loses, <see cref="CheckoutTimer"/> finds again in the database.</summary>
/// <remarks>
/// One entry for each order: newer commands replace older ones that have not been sent. Commands about prepared transactions have lanes of their
/// own, one order at a time: two in one request could wait for each other's rows, and their outcome would never come. And who holds rows already
/// does not stand in line behind those who want them: in one lane, a hundred that wait for an article would keep the one waiting that has it.
/// </remarks>
internal sealed class CallQueue(IOptions<CheckoutOptions> options, TimeProvider clock)
{
    /// <summary>Calls that may be put together into one request.</summary>
    public Lane Batched { get; } = new(clock);

    /// <summary>Two-phase commit: the first prepare, of an order that holds nothing yet.</summary>
    public Lane Opening { get; } = new(clock);

    /// <summary>The first prepare once more: its answer may have been lost, and with it the knowledge that the order holds rows.</summary>
    public Lane Reopening { get; } = new(clock);

    /// <summary>The second prepare: what the first one has locked waits for it.</summary>
    public Lane Holding { get; } = new(clock);

    /// <summary>What unlocks: commit and roll back wait for no row.</summary>
    public Lane Ending { get; } = new(clock);

    /// <summary>No more orders should be taken in that would have to wait here: there are too many, or the first of them waits too long already.
    /// A line that is longer than orders live would be worked off for orders that have been given up meanwhile.</summary>
    public bool IsFull => Lanes.Sum(lane => lane.Count) >= options.Value.MaxCallsWaiting
        || Lanes.Any(lane => lane.LongestWait >= options.Value.MaxCallWait);

    /// <summary>The lanes that call about one order at a time.</summary>
    public IReadOnlyList<Lane> OneByOne => [Opening, Reopening, Holding, Ending];

    private IEnumerable<Lane> Lanes => OneByOne.Prepend(Batched);

    /// <summary>True while the order waits here or is being called.</summary>
    public bool Has(long orderId) => Lanes.Any(lane => lane.Has(orderId));

    /// <param name="again">They have been sent before.</param>
    public void Add(long orderId, OrderMessage[] commands, bool again = false)
    {
        var lane = LaneOf(commands[0], again);
        foreach (var other in Lanes.Where(other => other != lane))
        {
            other.Remove(orderId);
        }

        lane.Add(orderId, commands);
    }

    private Lane LaneOf(OrderMessage command, bool again) => command switch
    {
        PrepareBranch { Branch: ServiceNames.Inventory } => again ? Reopening : Opening,
        PrepareBranch => Holding,
        CommitBranch or RollBackBranch => Ending,
        _ => Batched,
    };

    internal sealed record Call(long OrderId, OrderMessage[] Commands);

    internal sealed class Lane(TimeProvider clock)
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<long, OrderMessage[]> _waiting = [];
        private readonly Queue<(long OrderId, long Since)> _order = [];
        private readonly Dictionary<long, int> _underWay = [];
        private readonly SemaphoreSlim _available = new(0);

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _waiting.Count;
                }
            }
        }

        /// <summary>Of the first in line; zero when nobody waits.</summary>
        public TimeSpan LongestWait
        {
            get
            {
                lock (_gate)
                {
                    foreach (var (orderId, since) in _order)
                    {
                        if (_waiting.ContainsKey(orderId))
                        {
                            return clock.GetElapsedTime(since);
                        }
                    }

                    return TimeSpan.Zero;
                }
            }
        }

        public bool Has(long orderId)
        {
            lock (_gate)
            {
                return _waiting.ContainsKey(orderId) || _underWay.ContainsKey(orderId);
            }
        }

        public void Add(long orderId, OrderMessage[] commands)
        {
            lock (_gate)
            {
                var isNew = !_waiting.ContainsKey(orderId);
                _waiting[orderId] = commands;
                if (!isNew)
                {
                    return;
                }

                _order.Enqueue((orderId, clock.GetTimestamp()));
            }

            _available.Release();
        }

        /// <summary>Its place in the line stays, and is passed over.</summary>
        public void Remove(long orderId)
        {
            lock (_gate)
            {
                _waiting.Remove(orderId);
            }
        }

        /// <summary>Waits for one and takes as many more as wait already, the oldest first; none, if what it waited for was removed.</summary>
        public async Task<IReadOnlyList<Call>> TakeAsync(int most, CancellationToken cancellationToken)
        {
            await _available.WaitAsync(cancellationToken);
            var taken = new List<Call>();
            lock (_gate)
            {
                do
                {
                    var (id, _) = _order.Dequeue();
                    if (!_waiting.Remove(id, out var commands))
                    {
                        continue;
                    }

                    _underWay[id] = _underWay.GetValueOrDefault(id) + 1;
                    taken.Add(new Call(id, commands));
                }
                while (taken.Count < most && _available.Wait(0, CancellationToken.None));
            }

            return taken;
        }

        /// <summary>These have been called: whether they were answered is no matter of the queue.</summary>
        public void Done(IReadOnlyList<Call> calls)
        {
            lock (_gate)
            {
                foreach (var (id, _) in calls)
                {
                    if (--_underWay[id] == 0)
                    {
                        _underWay.Remove(id);
                    }
                }
            }
        }
    }
}
