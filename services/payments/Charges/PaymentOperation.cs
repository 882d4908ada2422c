using Shop.Contracts;
using Shop.Contracts.Messages;

namespace Shop.Payments.Charges;

/// <summary>One thing asked of a customer's money for one order, whatever protocol asks.</summary>
/// <param name="Name">One of <see cref="OperationNames"/>.</param>
/// <param name="CustomerId">Whom to charge; a refund goes by who was charged.</param>
internal sealed record PaymentOperation(string Name, long OrderId, long CustomerId, Money Amount)
{
    /// <exception cref="ArgumentException">No caller may ask for this: it would pay the customer.</exception>
    public static PaymentOperation Charge(long orderId, long customerId, Money amount) => amount is { Amount: >= 0, Currency: not null }
        ? new(OperationNames.Charge, orderId, customerId, amount)
        : throw new ArgumentException($"Order {orderId} cannot be charged {amount}.", nameof(amount));

    public static PaymentOperation Refund(long orderId) => new(OperationNames.Refund, orderId, CustomerId: 0, default);
}
