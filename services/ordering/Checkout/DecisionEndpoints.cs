using Microsoft.AspNetCore.Http.HttpResults;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Internal;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Checkout;

/// <summary>Where participants ask what was decided.</summary>
internal static class DecisionEndpoints
{
    private const int MaxConflicts = 5;

    public static void MapDecisions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/internal/decisions", ResolveAsync).RequireServiceKey();

    internal static async Task<Ok<IReadOnlyList<Decision>>> ResolveAsync(
        ResolveDecisions question, Database<OrderingDbContext> database, DecisionLog log, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return TypedResults.Ok(await database.WriteAsync(db => log.ResolveAsync(db, question.OrderIds, cancellationToken), cancellationToken));
            }
            catch (Exception exception) when (exception.IsConflict() && attempt < MaxConflicts)
            {
                // Somebody has decided one of them meanwhile: asked again, this is what is found.
            }
        }
    }
}
