using Shop.BuildingBlocks.Messaging;
using Shop.Contracts.Messages;
using Shop.Ordering.Products;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Checkout;

/// <summary>Moves the orders that an envelope speaks of, all in one transaction with the commands that follow.</summary>
internal sealed class AnswerHandler(Checkouts checkouts, ProductCatalogue products) : IEnvelopeHandler<OrderingDbContext>
{
    public async Task HandleAsync(OrderingDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        if (messages.FirstOrDefault(m => m is not (OperationAnswered or ProductChanged)) is { } stranger)
        {
            throw new InvalidOperationException($"{stranger.GetType().Name} is not for ordering.");
        }

        await products.ApplyAsync(db, [.. messages.OfType<ProductChanged>()], cancellationToken);
        await checkouts.AnswerAsync(db, [.. messages.OfType<OperationAnswered>()], cancellationToken);
    }
}
