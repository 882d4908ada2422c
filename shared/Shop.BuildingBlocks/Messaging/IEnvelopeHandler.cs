using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Messaging;

/// <summary>What a service does with the messages that reach it: a whole envelope in one transaction.</summary>
public interface IEnvelopeHandler<in TContext> where TContext : ShopDbContext
{
    /// <summary>Applies every message, in any mixture and with repeats among them, and sends the answers through <paramref name="db"/>.</summary>
    /// <remarks>A refusal is an answer. An exception blames the batch: it is rolled back, halved and retried until the culprit is alone.</remarks>
    Task HandleAsync(TContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken);
}
