using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Internal;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Checkout;

/// <summary>The log of decisions of the checkouts in two phases: one row for each order, inserted once and never changed.</summary>
/// <remarks>
/// Whoever decides inserts: a coordinator, another one that has taken over, or a participant whose hold has expired. The primary key lets one of
/// them win, and all others carry out what the winner decided.
/// </remarks>
internal sealed class DecisionLog(IOptionsMonitor<GuardOptions> guards, TimeProvider clock)
{
    private const string Asked = "a participant's question";

    /// <summary>Decides what is not decided yet, in the caller's transaction, and answers what holds for each.</summary>
    /// <remarks>Two transactions that decide the same order at once: the later one fails as a conflict, and finds the decision when repeated.</remarks>
    public async Task<IReadOnlyList<Decision>> DecideAsync(
        OrderingDbContext db, IReadOnlyList<Decide> wanted, string by, CancellationToken cancellationToken)
    {
        if (!guards.CurrentValue.Decisions)
        {
            return [.. wanted.Select(w => new Decision(w.OrderId, w.Commit))];
        }

        var ids = wanted.Select(w => w.OrderId).ToList();
        var known = await db.Decisions.Where(d => ids.Contains(d.OrderId)).ToDictionaryAsync(d => d.OrderId, cancellationToken);
        foreach (var (orderId, commit) in wanted)
        {
            if (!known.ContainsKey(orderId))
            {
                known.Add(orderId, new DecisionRow(orderId, commit, by, clock.GetStorageTime()));
                db.Add(known[orderId]);
            }
        }

        return [.. wanted.Select(w => new Decision(w.OrderId, known[w.OrderId].Commit))];
    }

    /// <summary>What participants ask. Not to know an order is an answer too: it never will be committed.</summary>
    public Task<IReadOnlyList<Decision>> ResolveAsync(OrderingDbContext db, IReadOnlyList<long> orderIds, CancellationToken cancellationToken) =>
        DecideAsync(db, [.. orderIds.Distinct().Select(id => new Decide(id, Commit: false))], Asked, cancellationToken);
}
