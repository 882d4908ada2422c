using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Reconciliation;

/// <summary>Corrections that a second person has to agree to.</summary>
internal static class ProposalEndpoints
{
    public static void MapProposals(this IEndpointRouteBuilder routes)
    {
        var proposals = routes.MapGroup("/ops/reconciliation/proposals").RequireOperatorKey();
        proposals.MapGet("/", ListAsync);
        proposals.MapPost("/{id}/approve", ApproveAsync);
        proposals.MapPost("/{id}/reject", RejectAsync);
    }

    /// <summary>Those that wait for a decision, or all of them in one state.</summary>
    internal static async Task<PageResult<DifferenceView>> ListAsync(
        PageRequest page, Database<OrderingDbContext> database, string? state, CancellationToken cancellationToken)
    {
        var wanted = state is null ? DifferenceState.Proposed
            : Enum.TryParse<DifferenceState>(state, ignoreCase: true, out var known) && !char.IsAsciiDigit(state[0]) ? known
            : throw ProblemException.Invalid("state", $"One of {string.Join(", ", Enum.GetNames<DifferenceState>()).ToLowerInvariant()}.");
        var after = page.AfterText() ?? "";
        var proposals = await database.ReadAsync(
            db => db.Differences
                .Where(d => !d.Automatic && d.State == wanted && string.Compare(d.Id, after) > 0)
                .OrderBy(d => d.Id)
                .Take(page.Take)
                .ToListAsync(cancellationToken),
            cancellationToken);
        return Page.Ok([.. proposals.Select(DifferenceView.Of)], page, d => Cursor.From(d.Id));
    }

    /// <summary>Carries the correction out. 202 where that did not succeed yet: the next run goes on with it.</summary>
    internal static async Task<IResult> ApproveAsync(
        string id, OperatorName who, Differences differences, Reconciler reconciler, Corrector corrector, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await differences.FindAsync(id, cancellationToken) is not { Automatic: false } proposal)
        {
            return Problems.NotFound();
        }

        if (proposal.FoundBy == who.Value)
        {
            return Problems.Forbidden("Who has proposed it cannot approve it: ask somebody else.");
        }

        if (proposal.State is DifferenceState.Proposed && !await reconciler.StandsAsync(proposal, cancellationToken))
        {
            await differences.MoveAsync(id, who.Value, "gone", (_, d) => Task.FromResult(d.TryVanish()), after: null, cancellationToken);
            return Problems.Of(ProblemCatalogue.AlreadyDecided, "It does not look any more as it did when it was proposed; the next run proposes what is needed.");
        }

        var (approved, isMine) = await differences.MoveAsync(
            id, who.Value, "approved", (_, d) => Task.FromResult(d.TryDecide(approve: true, who.Value, clock.GetStorageTime())), after: null, cancellationToken);
        if (!isMine)
        {
            return Decided(approved!);
        }

        try
        {
            return TypedResults.Ok(DifferenceView.Of(await corrector.ApplyAsync(approved!, CancellationToken.None)));
        }
        catch (Exception exception) when (exception.IsTransient())
        {
            return TypedResults.Accepted((string?)null, DifferenceView.Of(approved!));
        }
    }

    internal static async Task<IResult> RejectAsync(
        string id, OperatorName who, Differences differences, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await differences.FindAsync(id, cancellationToken) is not { Automatic: false } proposal)
        {
            return Problems.NotFound();
        }

        if (proposal.FoundBy == who.Value)
        {
            return Problems.Forbidden("Who has proposed it cannot reject it: ask somebody else.");
        }

        var (rejected, isMine) = await differences.MoveAsync(
            id, who.Value, "rejected", (_, d) => Task.FromResult(d.TryDecide(approve: false, who.Value, clock.GetStorageTime())), after: null, cancellationToken);
        return isMine ? TypedResults.Ok(DifferenceView.Of(rejected!)) : Decided(rejected!);
    }

    private static IResult Decided(Difference difference) =>
        Problems.Of(ProblemCatalogue.AlreadyDecided, $"It is {difference.State.ToString().ToLowerInvariant()}.");
}
