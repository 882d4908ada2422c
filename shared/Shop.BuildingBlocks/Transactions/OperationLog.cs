using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>The operations that a participant has recorded for the orders of one envelope. What it adds commits with the effects.</summary>
/// <remarks>It sees repeats within the envelope as well as earlier ones. Two transactions that race on one operation are decided by the
/// primary key: the loser rolls back and finds the winner's record when it is repeated.</remarks>
public sealed class OperationLog
{
    private readonly Dictionary<(long, string), Operation> _known;
    private readonly ShopDbContext _db;
    private readonly DateTimeOffset _now;
    private readonly DateTimeOffset _forgottenBefore;
    private readonly GuardOptions _guards;

    private OperationLog(ShopDbContext db, IEnumerable<Operation> known, DateTimeOffset now, TimeSpan window, GuardOptions guards)
    {
        _forgottenBefore = now - window;
        _guards = guards;
        _db = db;
        _known = known.ToDictionary(o => (o.OrderId, o.Name));
        _now = now;
    }

    /// <param name="window">How old an order may be for which something begins: <see cref="CleanUp.CleanUpOptions.BeginsFor"/>.</param>
    public static async Task<OperationLog> LoadAsync(
        ShopDbContext db,
        IReadOnlyCollection<long> orderIds,
        DateTimeOffset now,
        TimeSpan window,
        GuardOptions guards,
        CancellationToken cancellationToken)
    {
        var known = await db.Set<Operation>().AsNoTracking().Where(o => orderIds.Contains(o.OrderId)).ToListAsync(cancellationToken);
        return new OperationLog(db, known, now, window, guards);
    }

    /// <summary>What was recorded, or null if this operation has not happened yet.</summary>
    public Operation? Find(long orderId, string name) => _guards.Dedupe ? _known.GetValueOrDefault((orderId, name)) : null;

    /// <summary>True for an order so old that its records may have been cleaned up: that none is found says nothing then. Whatever would begin
    /// something for it is refused (<see cref="Reasons.TooLate"/>), or a repeat from long ago would act a second time.</summary>
    public bool IsForgotten(long orderId) => OrderAge.IsFromBefore(orderId, _forgottenBefore);

    public Operation Done(long orderId, string name) => Record(orderId, name, OperationOutcome.Done, null);

    public Operation Refused(long orderId, string name, string reason) => Record(orderId, name, OperationOutcome.Refused, reason);

    /// <summary>Takes the place of a try that has not arrived, so that it does nothing when it does.</summary>
    public void Tombstone(long orderId, string name)
    {
        if (_guards.Tombstones && !_known.ContainsKey((orderId, name)))
        {
            Refused(orderId, name, Reasons.CancelledBefore);
        }
    }

    private Operation Record(long orderId, string name, OperationOutcome outcome, string? reason)
    {
        var operation = new Operation(orderId, name, outcome, reason, _now);
        if (_known.TryAdd((orderId, name), operation))
        {
            _db.Add(operation);
        }

        return operation;
    }
}
