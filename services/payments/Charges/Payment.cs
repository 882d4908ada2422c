using Shop.Contracts;
using Shop.Contracts.Facts;

namespace Shop.Payments.Charges;

/// <summary>What one order was charged: captured, then perhaps refunded.</summary>
/// <remarks>A declined charge leaves none; only the operations table remembers it.</remarks>
internal sealed class Payment
{
    private Payment(long orderId, long customerId, string state)
    {
        OrderId = orderId;
        CustomerId = customerId;
        State = state;
    }

    public long OrderId { get; private set; }

    public long CustomerId { get; private set; }

    public Money Amount { get; private set; }

    /// <summary>One of <see cref="FactStates"/>.</summary>
    public string State { get; private set; }

    public static Payment Capture(long orderId, long customerId, Money amount) =>
        new(orderId, customerId, FactStates.Captured) { Amount = amount };

    /// <summary>False when it is refunded already.</summary>
    public bool TryRefund()
    {
        if (State != FactStates.Captured)
        {
            return false;
        }

        State = FactStates.Refunded;
        return true;
    }

    public PaymentFact ToFact() => new(OrderId, CustomerId, State, Amount);
}
