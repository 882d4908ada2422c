using Shop.Contracts.Facts;

namespace Shop.Ordering.Invariants;

/// <summary>The merge join of the three streams of facts: order by order, then what belongs to no order. It holds one fact of each stream at a time.</summary>
/// <remarks>The snapshots are taken one after the other, so an order may seem wrong because it moved in between: whatever looks wrong must be looked at again.</remarks>
internal sealed class FactJoin(IFacts facts, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly Cursor<OrderFact> _orders = new(facts.OrdersAsync(cancellationToken), cancellationToken);
    private readonly Cursor<InventoryFact> _inventory = new(facts.InventoryAsync(cancellationToken), cancellationToken);
    private readonly Cursor<PaymentsFact> _payments = new(facts.PaymentsAsync(cancellationToken), cancellationToken);

    /// <summary>To be read to the end before the others.</summary>
    public async IAsyncEnumerable<JoinedOrder> OrdersAsync()
    {
        // In this order: whatever ordering calls final was acknowledged before the other two are read.
        await _orders.MoveAsync();
        await _inventory.MoveAsync();
        await _payments.MoveAsync();

        while (Smallest(_orders.Current?.OrderId, _inventory.Current?.Reservation?.OrderId, _payments.Current?.Payment?.OrderId) is { } id)
        {
            yield return new JoinedOrder(
                id,
                await TakeAsync(_orders, o => o.OrderId == id, o => o),
                await TakeAsync(_inventory, i => i.Reservation?.OrderId == id, i => i.Reservation),
                await TakeAsync(_payments, p => p.Payment?.OrderId == id, p => p.Payment));
        }
    }

    public async IAsyncEnumerable<StockFact> StockAsync()
    {
        for (; _inventory.Current?.Stock is { } stock; await _inventory.MoveAsync())
        {
            yield return stock;
        }
    }

    public async IAsyncEnumerable<AccountFact> AccountsAsync()
    {
        for (; _payments.Current?.Account is { } account; await _payments.MoveAsync())
        {
            yield return account;
        }
    }

    /// <summary>What follows the accounts.</summary>
    public LedgerFact? Ledger => _payments.Current?.Ledger;

    /// <summary>One order as it is now, between two looks at it: only if it did not move are the facts in between about the same state.</summary>
    /// <returns>Null when it moved.</returns>
    public static async Task<JoinedOrder?> LookAgainAsync(IFacts facts, long orderId, CancellationToken cancellationToken)
    {
        var order = await facts.OrderAsync(orderId, cancellationToken);
        var reservation = await facts.ReservationAsync(orderId, cancellationToken);
        var payment = await facts.PaymentAsync(orderId, cancellationToken);
        var after = await facts.OrderAsync(orderId, cancellationToken);
        return order?.Version == after?.Version ? new JoinedOrder(orderId, order, reservation, payment) : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _payments.DisposeAsync();
        await _inventory.DisposeAsync();
        await _orders.DisposeAsync();
    }

    private static long? Smallest(params ReadOnlySpan<long?> ids)
    {
        long? smallest = null;
        foreach (var id in ids)
        {
            smallest = id is null || smallest < id ? smallest : id;
        }

        return smallest;
    }

    private static async Task<TPart?> TakeAsync<T, TPart>(Cursor<T> cursor, Func<T, bool> matches, Func<T, TPart> part)
        where T : class
    {
        if (cursor.Current is not { } current || !matches(current))
        {
            return default;
        }

        await cursor.MoveAsync();
        return part(current);
    }

    private sealed class Cursor<T>(IAsyncEnumerable<T> stream, CancellationToken cancellationToken) : IAsyncDisposable
        where T : class
    {
        private readonly IAsyncEnumerator<T> _enumerator = stream.GetAsyncEnumerator(cancellationToken);

        /// <summary>Null at the end.</summary>
        public T? Current { get; private set; }

        public async Task MoveAsync() => Current = await _enumerator.MoveNextAsync() ? _enumerator.Current : null;

        public ValueTask DisposeAsync() => _enumerator.DisposeAsync();
    }
}
