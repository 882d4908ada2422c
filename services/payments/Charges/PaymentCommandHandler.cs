using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Payments.Storage;

namespace Shop.Payments.Charges;

/// <summary>Takes payment commands from envelopes and answers each of them, repeats too: the first answer may be what was lost.</summary>
internal sealed class PaymentCommandHandler(PaymentOperations payments) : IEnvelopeHandler<PaymentsDbContext>
{
    public async Task HandleAsync(PaymentsDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        foreach (var operation in await payments.ApplyAsync(db, [.. messages.Select(ToOperation)], cancellationToken))
        {
            db.Send(ServiceNames.Ordering, operation.AnswerFrom(ServiceNames.Payments));
        }
    }

    private static PaymentOperation ToOperation(Message message) => message switch
    {
        ChargePayment charge => PaymentOperation.Charge(charge.OrderId, charge.CustomerId, charge.Amount),
        RefundPayment refund => PaymentOperation.Refund(refund.OrderId),
        _ => throw new NotSupportedException($"Payments do not handle {message.GetType().Name}."),
    };
}
