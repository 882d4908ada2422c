using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;
using Shop.Ordering.Orders;
using Shop.Ordering.Products;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Checkout;

/// <summary>Moves the orders that an envelope speaks of, all in one transaction with the commands that follow.</summary>
internal sealed class AnswerHandler(Saga saga, OrderWatch watch, ProductCatalogue products, TimeProvider clock)
    : IEnvelopeHandler<OrderingDbContext>
{
    public async Task HandleAsync(OrderingDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        await products.ApplyAsync(db, [.. messages.OfType<ProductChanged>()], cancellationToken);

        var answers = messages.OfType<OperationAnswered>().ToList();
        var ids = answers.Select(a => a.OrderId).Distinct().ToList();
        var orders = await db.Orders.Where(o => ids.Contains(o.Id)).OrderBy(o => o.Id).ToDictionaryAsync(o => o.Id, cancellationToken);

        foreach (var answer in answers)
        {
            var order = orders.GetValueOrDefault(answer.OrderId)
                ?? throw new InvalidOperationException($"{answer.Service} answers for order {answer.OrderId}, which does not exist.");
            db.Send(saga.OnAnswer(order, answer, clock.GetStorageTime()));
        }

        if (messages.FirstOrDefault(m => m is not (OperationAnswered or ProductChanged)) is { } stranger)
        {
            throw new InvalidOperationException($"{stranger.GetType().Name} is not for ordering.");
        }

        db.OnCommitted(() => watch.Publish(orders.Values));
    }
}
