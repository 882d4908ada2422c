using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>A service's part in a checkout: what it does for an order, the same for every protocol that may ask.</summary>
/// <remarks>It knows nothing of the protocol, and the protocols know nothing of stock or money: what connects them is in this interface.</remarks>
public interface IParticipant<in TContext> where TContext : ShopDbContext
{
    /// <summary>Who answers (<see cref="Contracts.ServiceNames"/>).</summary>
    string Service { get; }

    /// <summary>Applies a batch within the caller's transaction and returns what is recorded for each command, in their order.</summary>
    /// <remarks>Any command may come twice, late, or before the one it follows: a repeat gets the record of the first time.</remarks>
    /// <exception cref="NotSupportedException">A message that is no command for this service.</exception>
    Task<IReadOnlyList<Operation>> ApplyAsync(TContext db, IReadOnlyList<OrderMessage> commands, CancellationToken cancellationToken);

    /// <summary>The command that completes a try.</summary>
    OrderMessage Confirm(long orderId);

    /// <summary>The command that undoes a try and shuts out one that is still to come.</summary>
    OrderMessage Cancel(long orderId);

    /// <summary>The command that undoes whatever was completed and shuts out what is still to come.</summary>
    OrderMessage Undo(long orderId);

    /// <summary>Orders for which something is held whose time is up, the oldest first.</summary>
    Task<IReadOnlyList<long>> ExpiredAsync(TContext db, DateTimeOffset now, int most, CancellationToken cancellationToken);

    /// <summary>What this service does at an event of the choreography; null where the message is a command itself.</summary>
    OrderMessage? ReactionTo(OrderMessage message);

    /// <summary>What it tells the others once it has done so; empty where the message was a command.</summary>
    IEnumerable<(string Destination, OrderMessage Event)> EventsAfter(OrderMessage message, Operation operation);
}
