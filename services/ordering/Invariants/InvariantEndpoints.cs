using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Invariants;

internal static class InvariantEndpoints
{
    public static void MapInvariants(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/ops/invariants", CheckAsync).RequireOperatorKey();
        routes.MapGet("/ops/invariants/checks", ListAsync).RequireOperatorKey();
    }

    internal static async Task<Ok<InvariantReport>> CheckAsync(InvariantChecker checker, CancellationToken cancellationToken) =>
        TypedResults.Ok(await checker.CheckAsync(cancellationToken));

    /// <summary>What the watch found, newest first.</summary>
    internal static async Task<PageResult<CheckView>> ListAsync(
        PageRequest page, Database<OrderingDbContext> database, CancellationToken cancellationToken)
    {
        var before = page.AfterNumber() ?? long.MaxValue;
        var checks = await database.ReadAsync(
            db => db.InvariantChecks.Where(c => c.Id < before).OrderByDescending(c => c.Id).Take(page.Take).ToListAsync(cancellationToken), cancellationToken);
        return Page.Ok([.. checks.Select(CheckView.Of)], page, c => Cursor.From(long.Parse(c.Id, CultureInfo.InvariantCulture)));
    }

    /// <param name="Epoch">Of the lead under which it was looked.</param>
    internal sealed record CheckView(string Id, DateTimeOffset At, bool Holds, long Orders, long InFlight, long Violations, long Epoch)
    {
        public static CheckView Of(InvariantCheck check) => new(
            check.Id.ToString(CultureInfo.InvariantCulture), check.At, check.Holds, check.Orders, check.InFlight, check.Violations, check.Epoch);
    }
}
