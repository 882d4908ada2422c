using Shop.Contracts.Facts;

namespace Shop.Ordering.Invariants;

/// <summary>Where the checker reads: streams of one snapshot each, and single facts as they are now.</summary>
internal interface IFacts
{
    IAsyncEnumerable<OrderFact> OrdersAsync(CancellationToken cancellationToken);

    IAsyncEnumerable<InventoryFact> InventoryAsync(CancellationToken cancellationToken);

    IAsyncEnumerable<PaymentsFact> PaymentsAsync(CancellationToken cancellationToken);

    /// <summary>Keys that stand on more than one order.</summary>
    IAsyncEnumerable<DuplicateKey> DuplicateKeysAsync(CancellationToken cancellationToken);

    /// <summary>Messages that one of the services could not handle.</summary>
    IAsyncEnumerable<DeadLetterFact> DeadLettersAsync(CancellationToken cancellationToken);

    Task<OrderFact?> OrderAsync(long orderId, CancellationToken cancellationToken);

    Task<ReservationFact?> ReservationAsync(long orderId, CancellationToken cancellationToken);

    Task<PaymentFact?> PaymentAsync(long orderId, CancellationToken cancellationToken);
}

internal sealed record DuplicateKey(string Key, int Orders);
