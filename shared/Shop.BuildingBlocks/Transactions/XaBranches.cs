using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Faults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>A participant's side of two-phase commit: its work for one order as a prepared transaction.</summary>
/// <remarks>
/// From prepare to the outcome the order's rows are locked, here for a SKU and there for a wallet; whoever wants them waits. Prepare, commit and
/// roll back may each come twice, late, or out of order. A branch whose coordinator is gone is ended by <see cref="XaRecovery{TContext}"/>.
/// </remarks>
public sealed class XaBranches<TContext>(
    PreparedTransactions<TContext> prepared,
    Database<TContext> database,
    IParticipant<TContext> participant,
    IOptions<ParticipantOptions> options,
    TimeProvider clock)
    where TContext : ShopDbContext
{
    /// <summary>Done: prepared, now or before, or even committed. Refused: rolled back, nothing is left of it.</summary>
    public async Task<OperationAnswered> PrepareAsync(PrepareBranch branch, CancellationToken cancellationToken)
    {
        var name = NameOf(branch.OrderId);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if ((await prepared.ListAsync(cancellationToken)).Any(p => p.Name == name))
                {
                    return Answer(branch.OrderId, OperationNames.Prepare, OperationOutcome.Done);
                }

                var refused = await prepared.PrepareAsync(name, db => WorkAsync(db, branch, cancellationToken), cancellationToken);
                CrashPoint.Hit(CrashPoint.AfterPrepare);
                return Answer(branch.OrderId, OperationNames.Prepare, refused is null ? OperationOutcome.Done : OperationOutcome.Refused, refused);
            }
            catch (Exception exception) when (exception.IsConflict() && attempt < options.Value.PrepareTries)
            {
                // The same prepare came twice at once, or two branches wanted each other's rows: the other one has what it wanted.
            }
        }
    }

    /// <summary>Refused only when there is nothing to commit: somebody rolled it back by hand.</summary>
    public async Task<OperationAnswered> CommitAsync(long orderId, CancellationToken cancellationToken)
    {
        var committed = await prepared.CommitAsync(NameOf(orderId), cancellationToken);
        CrashPoint.Hit(CrashPoint.AfterCommitPrepared);
        return committed || await IsDoneAsync(orderId, cancellationToken)
            ? Answer(orderId, OperationNames.Commit, OperationOutcome.Done)
            : Answer(orderId, OperationNames.Commit, OperationOutcome.Refused, Reasons.NotPrepared);
    }

    /// <summary>Also shuts out a prepare that is still on its way, so that it does not lock rows that nobody would free.</summary>
    public async Task<OperationAnswered> RollBackAsync(long orderId, CancellationToken cancellationToken)
    {
        await prepared.RollBackAsync(NameOf(orderId), cancellationToken);
        await database.WriteAsync(db => participant.ApplyAsync(db, [participant.Undo(orderId)], cancellationToken), cancellationToken);
        return Answer(orderId, OperationNames.RollBack, OperationOutcome.Done);
    }

    /// <summary>Branches of this service that wait for their outcome, the oldest first.</summary>
    public async Task<IReadOnlyList<PreparedTransaction>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await prepared.ListAsync(cancellationToken)).Where(p => p.Name.Branch == participant.Service)];

    private async Task<(string? Refused, bool Prepare)> WorkAsync(TContext db, PrepareBranch branch, CancellationToken cancellationToken)
    {
        var operations = await participant.ApplyAsync(db, [.. branch.Work.Cast<OrderMessage>()], cancellationToken);
        var refusal = operations.FirstOrDefault(o => o.Outcome is OperationOutcome.Refused);
        return (refusal is null ? null : refusal.Reason ?? "", refusal is null);
    }

    private Task<bool> IsDoneAsync(long orderId, CancellationToken cancellationToken) => database.ReadAsync(
        async db => (await db.Set<Operation>().Where(o => o.OrderId == orderId).ToListAsync(cancellationToken)) is { Count: > 0 } known
            && known.All(o => o.Outcome is OperationOutcome.Done),
        cancellationToken);

    private PreparedName NameOf(long orderId) => new(orderId, participant.Service);

    private OperationAnswered Answer(long orderId, string operation, OperationOutcome outcome, string? reason = null) =>
        new(orderId, participant.Service, operation, outcome, reason, clock.GetStorageTime());
}
