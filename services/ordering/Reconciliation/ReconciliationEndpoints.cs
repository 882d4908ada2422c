using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Reconciliation;

/// <summary>Runs of reconciliation, and what they found.</summary>
internal static class ReconciliationEndpoints
{
    private const int MaxDifferences = 100;

    public static void MapReconciliation(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/ops/reconciliation/runs").RequireOperatorKey();
        runs.MapPost("/", RunAsync);
        runs.MapGet("/", ListAsync);
        runs.MapGet("/{id:long}", GetAsync);
    }

    /// <summary>Runs to its end, whether the caller waits or not.</summary>
    internal static async Task<Created<RunView>> RunAsync(OperatorName who, Reconciler reconciler, IHostApplicationLifetime lifetime)
    {
        var run = await reconciler.RunAsync(who.Value, claim: null, lifetime.ApplicationStopping);
        var view = RunView.Of(run);
        return TypedResults.Created($"/ops/reconciliation/runs/{view.Id}", view);
    }

    /// <summary>Newest first.</summary>
    internal static async Task<PageResult<RunView>> ListAsync(
        PageRequest page, Database<OrderingDbContext> database, CancellationToken cancellationToken)
    {
        var before = page.AfterNumber() ?? long.MaxValue;
        var runs = await database.ReadAsync(
            db => db.ReconciliationRuns.Where(r => r.Id < before).OrderByDescending(r => r.Id).Take(page.Take).ToListAsync(cancellationToken), cancellationToken);
        return Page.Ok([.. runs.Select(RunView.Of)], page, r => Cursor.From(long.Parse(r.Id, CultureInfo.InvariantCulture)));
    }

    /// <summary>With the differences that it was the first or is the last to find.</summary>
    internal static async Task<Results<Ok<RunView>, ProblemResult>> GetAsync(
        long id, Database<OrderingDbContext> database, CancellationToken cancellationToken)
    {
        var (run, found) = await database.ReadAsync(
            async db => (
                await db.ReconciliationRuns.SingleOrDefaultAsync(r => r.Id == id, cancellationToken),
                await db.Differences.Where(d => d.FirstRun == id || d.LastRun == id).OrderBy(d => d.Id).Take(MaxDifferences).ToListAsync(cancellationToken)),
            cancellationToken);
        return run is null
            ? new ProblemResult(ProblemCatalogue.NotFound)
            : TypedResults.Ok(RunView.Of(run) with { Differences = [.. found.Select(DifferenceView.Of)] });
    }
}
