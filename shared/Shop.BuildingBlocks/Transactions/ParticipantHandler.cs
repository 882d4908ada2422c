using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>Takes commands and events from envelopes and answers each of them, repeats too: the first answer may be what was lost.</summary>
internal sealed class ParticipantHandler<TContext>(IParticipant<TContext> participant) : IEnvelopeHandler<TContext>
    where TContext : ShopDbContext
{
    public async Task HandleAsync(TContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken)
    {
        var asked = messages.Select(message => message as OrderMessage
            ?? throw new NotSupportedException($"{participant.Service} does not handle {message.GetType().Name}.")).ToList();
        var operations = await participant.ApplyAsync(db, [.. asked.Select(m => participant.ReactionTo(m) ?? m)], cancellationToken);
        foreach (var (message, operation) in asked.Zip(operations))
        {
            db.Send(ServiceNames.Ordering, operation.AnswerFrom(participant.Service));
            foreach (var (destination, announced) in participant.EventsAfter(message, operation))
            {
                db.Send(destination, announced);
            }
        }
    }
}
