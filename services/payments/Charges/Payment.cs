using Shop.Contracts;
using Shop.Contracts.Facts;

namespace Shop.Payments.Charges;

/// <summary>What one order was charged: captured, at once or after it was authorized, then perhaps refunded; or authorized and voided.</summary>
/// <remarks>A declined charge leaves none; only the operations table remembers it.</remarks>
internal sealed class Payment
{
    private Payment(long orderId, long customerId, string state, DateTimeOffset? expiresAt)
    {
        ExpiresAt = expiresAt;
        OrderId = orderId;
        CustomerId = customerId;
        State = state;
    }

    public long OrderId { get; private set; }

    public long CustomerId { get; private set; }

    public Money Amount { get; private set; }

    /// <summary>One of <see cref="FactStates"/>.</summary>
    public string State { get; private set; }

    /// <summary>When to ask what was decided, while it is authorized.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public static Payment Captured(long orderId, long customerId, Money amount) =>
        new(orderId, customerId, FactStates.Captured, expiresAt: null) { Amount = amount };

    public static Payment Authorized(long orderId, long customerId, Money amount, DateTimeOffset expiresAt) =>
        new(orderId, customerId, FactStates.Authorized, expiresAt) { Amount = amount };

    /// <summary>False unless it is authorized.</summary>
    public bool TryCapture() => TryMove(from: FactStates.Authorized, to: FactStates.Captured);

    /// <summary>False unless it is authorized.</summary>
    public bool TryVoid() => TryMove(from: FactStates.Authorized, to: FactStates.Voided);

    /// <summary>False unless it is captured.</summary>
    public bool TryRefund() => TryMove(from: FactStates.Captured, to: FactStates.Refunded);

    /// <param name="booked">What the ledger says of the order.</param>
    public PaymentFact ToFact(long booked) => new(OrderId, CustomerId, State, Amount, booked);

    private bool TryMove(string from, string to)
    {
        if (State != from)
        {
            return false;
        }

        State = to;
        return true;
    }
}
