using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Invoices;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Checkout;

/// <summary>The protocols, and the one place where what they want is carried out: decisions go into the log, messages into the outbox, calls to
/// the participants after the commit.</summary>
internal sealed class Checkouts(
    IOptions<CheckoutOptions> options, DecisionLog log, Invoicing invoicing, CallQueue calls, OrderWatch watch, ServiceInfo self, TimeProvider clock)
{
    private readonly FrozenDictionary<string, CheckoutProtocol> _protocols =
        new CheckoutProtocol[] { new Saga(options.Value), new Tcc(options.Value), new Xa(options.Value), new Choreography(options.Value) }
            .ToFrozenDictionary(p => p.Name);

    public IEnumerable<string> Names => _protocols.Keys.Order(StringComparer.Ordinal);

    public CheckoutProtocol? Find(string name) => _protocols.GetValueOrDefault(name);

    public CheckoutProtocol Of(Order order) => _protocols[order.Checkout];

    /// <summary>Which services a message of ordering goes to.</summary>
    public static string[] DestinationsOf(OrderMessage message) => message switch
    {
        ReserveStock or TakeStock or ReleaseStock or OrderPlaced => [ServiceNames.Inventory],
        ChargePayment or RefundPayment or AuthorizePayment or CapturePayment or VoidPayment => [ServiceNames.Payments],
        PrepareBranch prepare => [prepare.Branch],
        CommitBranch commit => [commit.Branch],
        RollBackBranch rollBack => [rollBack.Branch],
        OrderCancelled => [ServiceNames.Inventory, ServiceNames.Payments],
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, null),
    };

    /// <summary>Applies answers to their orders, which are locked first in key order, and sends what follows with the same transaction.</summary>
    /// <exception cref="InvalidOperationException">An answer for an order that does not exist.</exception>
    public async Task AnswerAsync(OrderingDbContext db, IReadOnlyList<OperationAnswered> answers, CancellationToken cancellationToken)
    {
        var ids = answers.Select(a => a.OrderId).Distinct().ToList();
        var orders = await db.Orders.Where(o => ids.Contains(o.Id)).OrderBy(o => o.Id).ForUpdate().ToDictionaryAsync(o => o.Id, cancellationToken);
        var moves = new List<Move>(answers.Count);
        foreach (var answer in answers)
        {
            var order = orders.GetValueOrDefault(answer.OrderId)
                ?? throw new InvalidOperationException($"{answer.Service} answers for order {answer.OrderId}, which does not exist.");
            moves.Add(new Move(order, Of(order).OnAnswer(order, answer, clock.GetStorageTime())));
        }

        await SendAsync(db, moves, cancellationToken);
        db.OnCommitted(() => watch.Publish(orders.Values));
    }

    /// <summary>Sends what the protocols returned, with this transaction. A decision is written first, and what follows from it is sent too.
    /// What was confirmed by all that is invoiced.</summary>
    public async Task SendAsync(OrderingDbContext db, IReadOnlyList<Move> moves, CancellationToken cancellationToken)
    {
        var moved = new HashSet<Order>();
        while (moves.Count > 0)
        {
            moved.UnionWith(moves.Select(move => move.Order));
            var undecided = new Dictionary<long, (Order Order, Decide Decide)>();
            foreach (var (order, commands) in moves)
            {
                if (commands.OfType<Decide>().FirstOrDefault() is { } decide)
                {
                    undecided.TryAdd(order.Id, (order, decide));
                }
                else if (commands.Length > 0)
                {
                    Send(db, order, commands);
                }
            }

            moves = undecided.Count == 0 ? [] : await DecideAsync(db, undecided, cancellationToken);
        }

        await invoicing.IssueAsync(db, moved, cancellationToken);
    }

    private async Task<IReadOnlyList<Move>> DecideAsync(
        OrderingDbContext db, Dictionary<long, (Order Order, Decide Decide)> undecided, CancellationToken cancellationToken)
    {
        var now = clock.GetStorageTime();
        var decisions = await log.DecideAsync(db, [.. undecided.Values.Select(u => u.Decide)], self.Instance, cancellationToken);
        db.OnCommitted(() => CrashPoint.Hit(CrashPoint.AfterDecision));
        return
        [
            .. decisions.Select(decision =>
            {
                var order = undecided[decision.OrderId].Order;
                return new Move(order, Of(order).OnAnswer(order, Decide.Answer(decision, now), now));
            }),
        ];
    }

    private void Send(OrderingDbContext db, Order order, OrderMessage[] commands)
    {
        if (Of(order).Calls)
        {
            var again = order.Attempts > 1;
            db.OnCommitted(() => calls.Add(order.Id, commands, again));
            return;
        }

        foreach (var command in commands)
        {
            foreach (var destination in DestinationsOf(command))
            {
                db.Send(destination, command);
            }
        }
    }

    /// <summary>An order that was moved and what is to be sent because of it.</summary>
    internal sealed record Move(Order Order, OrderMessage[] Commands);
}
