using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Facts;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Facts;

/// <summary>What inventory tells the invariant checker.</summary>
internal static class InventoryFacts
{
    public static void MapInventoryFacts(this IEndpointRouteBuilder routes)
    {
        var facts = routes.MapGroup("/internal/facts").RequireServiceKey();
        facts.MapGet("/", Stream);
        facts.MapGet("/reservations/{orderId:long}", GetReservationAsync);
    }

    internal static IAsyncEnumerable<InventoryFact> Stream(Database<InventoryDbContext> database, CancellationToken cancellationToken) =>
        database.SnapshotAsync(db => ReadAsync(db, cancellationToken), cancellationToken);

    internal static async Task<Results<Ok<ReservationFact>, ProblemResult>> GetReservationAsync(
        long orderId, Database<InventoryDbContext> database, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            db => db.Reservations.SingleOrDefaultAsync(r => r.OrderId == orderId, cancellationToken), cancellationToken) is { } reservation
            ? TypedResults.Ok(reservation.ToFact())
            : new ProblemResult(ProblemCatalogue.NotFound);

    private static async IAsyncEnumerable<InventoryFact> ReadAsync(
        InventoryDbContext db, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var reservation in db.Reservations.OrderBy(r => r.OrderId).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return new InventoryFact(reservation.ToFact(), Stock: null);
        }

        await foreach (var item in db.Stock.OrderBy(i => i.Sku).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return new InventoryFact(Reservation: null, item.ToFact());
        }
    }
}
