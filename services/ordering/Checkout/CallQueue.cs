using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Contracts.Messages;

namespace Shop.Ordering.Checkout;

/// <summary>Orders whose participants are to be called, in memory: what a crash loses, <see cref="CheckoutTimer"/> finds again in the database.</summary>
/// <remarks>
/// One entry for each order: newer commands replace older ones that have not been sent. Prepared transactions go one order at a time: two in one
/// request could wait for each other's rows, and their outcome would never come. And who holds rows already has a lane of its own: behind those
/// who wait for the same rows it would never get its turn.
/// </remarks>
internal sealed class CallQueue(IOptions<CheckoutOptions> options)
{
    /// <summary>Calls that may be put together into one request.</summary>
    public Lane Batched { get; } = new();

    /// <summary>First prepares: they may wait for rows that another order holds.</summary>
    public Lane Opening { get; } = new();

    /// <summary>Later calls about prepared transactions: others wait for the rows that these will free.</summary>
    public Lane Holding { get; } = new();

    /// <summary>No more orders should be taken in that would have to wait here.</summary>
    public bool IsFull => Batched.Count + Opening.Count + Holding.Count >= options.Value.MaxCallsWaiting;

    /// <summary>True while the order waits here or is being called.</summary>
    public bool Has(long orderId) => Batched.Has(orderId) || Opening.Has(orderId) || Holding.Has(orderId);

    public void Add(long orderId, OrderMessage[] commands) =>
        (commands[0] switch
        {
            PrepareBranch { Branch: ServiceNames.Inventory } => Opening,
            PrepareBranch or CommitBranch or RollBackBranch => Holding,
            _ => Batched,
        }).Add(orderId, commands);

    internal sealed record Call(long OrderId, OrderMessage[] Commands);

    internal sealed class Lane
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<long, OrderMessage[]> _waiting = [];
        private readonly Queue<long> _order = [];
        private readonly Dictionary<long, int> _underWay = [];
        private readonly SemaphoreSlim _available = new(0);

        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _order.Count;
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

                _order.Enqueue(orderId);
            }

            _available.Release();
        }

        /// <summary>Waits for one and takes as many more as wait already, the oldest first.</summary>
        public async Task<IReadOnlyList<Call>> TakeAsync(int most, CancellationToken cancellationToken)
        {
            await _available.WaitAsync(cancellationToken);
            var taken = new List<Call>();
            lock (_gate)
            {
                do
                {
                    var id = _order.Dequeue();
                    _waiting.Remove(id, out var commands);
                    _underWay[id] = _underWay.GetValueOrDefault(id) + 1;
                    taken.Add(new Call(id, commands!));
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
