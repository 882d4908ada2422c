using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Audit;
using Shop.BuildingBlocks.Locks;
using Shop.BuildingBlocks.Locks.Fencing;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory.Products;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Stock;

/// <summary>Books what was counted of one SKU, under its lock: the book is frozen, then the difference is booked as a movement of stock.</summary>
/// <remarks>
/// The lock keeps operators apart; the fence is what makes the booking safe when it does not. Orders go on meanwhile: what one takes between the freeze and
/// the booking is no difference. What was sold while somebody counted on the shelf, before the request, is one: count what stands still.
/// </remarks>
internal sealed class StockTaking(
    FencedLocks<InventoryDbContext> locks,
    Database<InventoryDbContext> database,
    ProductCache cache,
    AuditTrail audit,
    IOptions<LockOptions> options,
    TimeProvider clock)
{
    private const string Action = "stock-take";

    public static string LockOf(string sku) => $"stock/{sku}";

    /// <summary>Null where nobody sells such a product.</summary>
    public Task<long?> BookAsync(string sku, CancellationToken cancellationToken) => database.ReadAsync(
        db => db.Stock.Where(i => i.Sku == sku).Select(i => (long?)(i.Available + i.Reserved)).SingleOrDefaultAsync(cancellationToken), cancellationToken);

    public async Task<IResult> TakeAsync(string sku, StockCount count, OperatorName who, CancellationToken cancellationToken)
    {
        // Before the lock: a name that is nobody's must not grow the table of fences.
        if (await BookAsync(sku, cancellationToken) is null)
        {
            return Problems.NotFound();
        }

        await using var held = await locks.TryAcquireAsync(LockOf(sku), options.Value.Patience, cancellationToken);
        if (held is null)
        {
            return Problems.Locked();
        }

        var book = await BookAsync(sku, cancellationToken) ?? throw new InvalidOperationException($"{sku} is gone: products are never deleted.");
        return await BookAsync(held, new StockTake(count.TakeId, sku, book, count.Counted, held.Token, who.Value, clock.GetStorageTime()), cancellationToken);
    }

    /// <summary>The guarded write. Whoever has lost the lock since is refused by the fence, whatever he believes.</summary>
    internal Task<IResult> BookAsync(FencedLock held, StockTake take, CancellationToken cancellationToken) => database.WriteOrRepeatAsync<IResult>(
        async db =>
        {
            await db.PassFenceAsync(held, cancellationToken);
            if (await db.StockTakes.FindAsync([take.Id], cancellationToken) is { } known)
            {
                return known.IsSameAs(take) ? TypedResults.Ok(StockTakeView.Of(known)) : Problems.IdempotencyKeyReused();
            }

            var item = (await db.LockStockAsync([take.Sku], cancellationToken))[take.Sku];
            var before = StockView.Of(item);
            if (!item.TryCorrect(take.Difference))
            {
                return Problems.Of(ProblemCatalogue.CountBelowHeld, $"{item.Reserved} are held, {take.Counted} were counted.");
            }

            db.Add(take);
            cache.Move(db, [take.Sku]);
            audit.Write(db, take.Who, Action, take.Sku, before, StockView.Of(item));
            return TypedResults.Created((string?)null, StockTakeView.Of(take));
        },
        cancellationToken);
}
