using Shop.Contracts.Facts;

namespace Shop.Ordering.Invariants;

/// <summary>What the three services say of one order; null where one does not know it.</summary>
internal sealed record JoinedOrder(long OrderId, OrderFact? Order, ReservationFact? Reservation, PaymentFact? Payment);
