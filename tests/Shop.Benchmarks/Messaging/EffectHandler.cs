using Shop.BuildingBlocks.CleanUp;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.BuildingBlocks.Transactions;
using Shop.Contracts.Messages;

namespace Shop.Benchmarks.Messaging;

/// <summary>Writes the effect of each message and, as the participants do, the record of the operation with it: a repeat finds the record and does nothing.</summary>
internal sealed class EffectHandler(Arrivals arrivals, EffectMode mode, SnowflakeIdGenerator ids, TimeProvider clock) : IEnvelopeHandler<EffectsDbContext>
{
    private readonly GuardOptions _guards = new();
    private readonly CleanUpOptions _cleanUp = new();

    public async Task HandleAsync(EffectsDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        List<long> orders = [.. messages.Cast<OrderMessage>().Select(message => message.OrderId)];
        if (mode.Records)
        {
            var log = await OperationLog.LoadAsync(db, orders, clock.GetStorageTime(), _cleanUp.BeginsFor, _guards, cancellationToken);
            foreach (var order in orders.Where(order => log.Find(order, OperationNames.Reserve) is null))
            {
                log.Done(order, OperationNames.Reserve);
                db.Effects.Add(new Effect(ids.Next(), order));
            }
        }
        else
        {
            db.Effects.AddRange(orders.Select(order => new Effect(ids.Next(), order)));
        }

        db.OnCommitted(() => arrivals.Arrived(orders));
    }
}

/// <param name="Records">Whether the operations are recorded: an inbox.</param>
internal sealed record EffectMode(bool Records);
