using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Inventory.Storage;
using Shop.ServiceDefaults;

namespace Shop.Inventory.Stock;

internal static class StockEndpoints
{
    public static void MapStock(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/v1/products/{sku}/stock", GetAsync)
        .WithTags("Products")
        .WithName("getStock")
        .WithSummary("How many there are of a product")
        .Sends(StatusCodes.Status200OK, ConsistencyLevel.Header, "How fresh the answer is: level=.., staleness-ms=.., source=..")
        .Refuses(ProblemCatalogue.ValidationFailed, ProblemCatalogue.NotFound, ProblemCatalogue.ConsistencyUnavailable);

    internal static async Task<Results<ConditionalOk<StockView>, ProblemResult>> GetAsync(
        string sku, ConsistencyLevel level, HttpResponse response, Database<InventoryDbContext> database, CancellationToken cancellationToken)
    {
        if (await database.ReadAsync(db => db.Stock.SingleOrDefaultAsync(i => i.Sku == sku, cancellationToken), cancellationToken) is not { } item)
        {
            return new ProblemResult(ProblemCatalogue.NotFound);
        }

        response.Headers[ConsistencyLevel.Header] = $"level={level.Name}, staleness-ms=0, source=primary";
        return Conditional.Ok(StockView.Of(item), item.Version);
    }
}
