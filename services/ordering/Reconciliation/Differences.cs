using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Reconciliation;

/// <summary>The record of differences: what was found, and each step after that with its entry in the audit trail.</summary>
internal sealed class Differences(Database<OrderingDbContext> database, AuditTrail audit, TimeProvider clock)
{
    /// <summary>Records what was found, or finds what is recorded of it. What an operator has rejected stays so while it looks the same.</summary>
    /// <returns>The difference, and whether it is new.</returns>
    public Task<(Difference Difference, bool IsNew)> RecordAsync(Finding finding, string by, long run, CancellationToken cancellationToken) => database.WriteAsync(
        async db =>
        {
            var last = await LastAsync(db, finding, cancellationToken);
            if (last is null || !IsKnown(last, finding))
            {
                var correction = last is { State: DifferenceState.Refused } && finding.Alternative is { } alternative ? alternative : finding.Correction;
                var found = Difference.Of(finding, (last?.Occurrence ?? 0) + 1, correction, by, run, clock.GetStorageTime());
                if (await ClaimAsync(db, found, cancellationToken))
                {
                    audit.Write(db, by, found.Automatic ? "difference.found" : "difference.proposed", found.Id, before: null, DifferenceView.Of(found));
                    return (found, true);
                }

                last = await LastAsync(db, finding, cancellationToken); // another replica has found it at the same time
            }

            last!.SeenBy(run);
            return (last, false);
        },
        cancellationToken);

    public Task<Difference?> FindAsync(string id, CancellationToken cancellationToken) =>
        database.ReadAsync(db => db.Differences.SingleOrDefaultAsync(d => d.Id == id, cancellationToken), cancellationToken);

    public Task<List<Difference>> InAsync(DifferenceState state, CancellationToken cancellationToken) =>
        database.ReadAsync(db => db.Differences.Where(d => d.State == state).OrderBy(d => d.Id).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>Moves a difference that nobody moves at the same time, with its entry in the audit trail.</summary>
    /// <returns>The difference as it is afterwards, null if there is none; and whether it was moved.</returns>
    public Task<(Difference? Difference, bool Moved)> MoveAsync(
        string id, string by, string action, Func<OrderingDbContext, Difference, Task<bool>> move, object? after, CancellationToken cancellationToken) =>
        database.WriteAsync<(Difference?, bool)>(
            async db =>
            {
                if (await db.Differences.Where(d => d.Id == id).ForUpdate().SingleOrDefaultAsync(cancellationToken) is not { } found)
                {
                    return (null, false);
                }

                var before = DifferenceView.Of(found);
                if (!await move(db, found))
                {
                    return (found, false);
                }

                var view = DifferenceView.Of(found);
                audit.Write(db, by, $"difference.{action}", id, before, after is null ? view : new { difference = view, facts = after });
                return (found, true);
            },
            cancellationToken);

    private static Task<Difference?> LastAsync(OrderingDbContext db, Finding finding, CancellationToken cancellationToken) => db.Differences
        .Where(d => d.Kind == finding.Kind && d.Subject == finding.Subject)
        .OrderByDescending(d => d.Occurrence)
        .FirstOrDefaultAsync(cancellationToken);

    private static bool IsKnown(Difference last, Finding finding) => last.IsOpen
        || (last.State is DifferenceState.Rejected && last.Evidence == Difference.EvidenceOf(finding))
        || (last.State is DifferenceState.Refused && last.Evidence == Difference.EvidenceOf(finding) && (finding.Alternative ?? last.Correction) == last.Correction);

    // Two replicas that find the same make the same id, and one of them gets it.
    private static async Task<bool> ClaimAsync(OrderingDbContext db, Difference found, CancellationToken cancellationToken) => await db.Database.ExecuteSqlAsync(
        $"""
         INSERT INTO differences (id, kind, subject, occurrence, what, evidence, correction, customer_id, amount, currency, automatic, state,
                                  found_by, found_at, first_run, last_run)
         VALUES ({found.Id}, {found.Kind}, {found.Subject}, {found.Occurrence}, {found.What}, {found.Evidence}, {found.Correction},
                 {found.CustomerId}, {found.Amount}, {found.Currency}, {found.Automatic}, {(int)found.State},
                 {found.FoundBy}, {found.FoundAt.ToUnixTimeMilliseconds()}, {found.FirstRun}, {found.LastRun})
         ON CONFLICT (id) DO NOTHING
         """,
        cancellationToken) == 1;
}
