using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;

namespace Shop.Ordering.Storage;

internal static class CommandSending
{
    /// <summary>Sends the saga's commands with this transaction, each to the service that carries it out.</summary>
    public static void Send(this OrderingDbContext db, OrderMessage[] commands)
    {
        foreach (var command in commands)
        {
            db.Send(Saga.DestinationOf(command), command);
        }
    }
}
