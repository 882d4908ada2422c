using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Checkout;

/// <summary>The log of decisions of the checkouts in two phases: one row for each order, inserted once and never changed.</summary>
/// <remarks>
/// Whoever decides inserts: a coordinator, another one that has taken over, or a participant whose hold has expired. The primary key lets one of
/// them win, and all others carry out what the winner decided.
/// </remarks>
internal static class DecisionLog
{
    /// <summary>Decides what is not decided yet, in the caller's transaction, and answers what holds for each.</summary>
    /// <remarks>Two transactions that decide the same order at once: the later one fails as a conflict, and finds the decision when repeated.</remarks>
    public static async Task<IReadOnlyList<Decision>> DecideAsync(
        OrderingDbContext db, IReadOnlyList<Decide> wanted, string by, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ids = wanted.Select(w => w.OrderId).ToList();
        var known = await db.Decisions.Where(d => ids.Contains(d.OrderId)).ToDictionaryAsync(d => d.OrderId, cancellationToken);
        foreach (var (orderId, commit) in wanted)
        {
            if (!known.ContainsKey(orderId))
            {
                known.Add(orderId, new DecisionRow(orderId, commit, by, now));
                db.Add(known[orderId]);
            }
        }

        return [.. wanted.Select(w => new Decision(w.OrderId, known[w.OrderId].Commit))];
    }

    /// <summary>A decision as an answer that a state machine understands.</summary>
    public static OperationAnswered ToAnswer(this Decision decision, DateTimeOffset now) => new(
        decision.OrderId,
        ServiceNames.Ordering,
        Decide.Operation,
        decision.Commit ? OperationOutcome.Done : OperationOutcome.Refused,
        Reason: null,
        now);

    /// <summary>What participants ask. Not to know an order is an answer too: it never will be committed.</summary>
    public static Task<IReadOnlyList<Decision>> ResolveAsync(
        this Database<OrderingDbContext> database, IReadOnlyList<long> orderIds, string by, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.WriteAsync(
            db => DecideAsync(db, [.. orderIds.Distinct().Select(id => new Decide(id, Commit: false))], by, now, cancellationToken), cancellationToken);
}
