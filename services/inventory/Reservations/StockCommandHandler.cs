using Shop.BuildingBlocks.Messaging;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Inventory.Storage;

namespace Shop.Inventory.Reservations;

/// <summary>Takes stock commands from envelopes and answers each of them, repeats too: the first answer may be what was lost.</summary>
internal sealed class StockCommandHandler(StockOperations stock) : IEnvelopeHandler<InventoryDbContext>
{
    public async Task HandleAsync(InventoryDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        foreach (var operation in await stock.ApplyAsync(db, [.. messages.Select(ToOperation)], cancellationToken))
        {
            db.Send(ServiceNames.Ordering, operation.AnswerFrom(ServiceNames.Inventory));
        }
    }

    private static StockOperation ToOperation(Message message) => message switch
    {
        ReserveStock reserve => StockOperation.Reserve(reserve.OrderId, reserve.Lines),
        TakeStock take => StockOperation.Take(take.OrderId),
        ReleaseStock release => StockOperation.Release(release.OrderId),
        _ => throw new NotSupportedException($"Inventory does not handle {message.GetType().Name}."),
    };
}
