using Microsoft.AspNetCore.Http.HttpResults;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Invariants;

internal static class InvariantEndpoints
{
    public static void MapInvariants(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/ops/invariants", CheckAsync).RequireOperatorKey();

    internal static async Task<Ok<InvariantReport>> CheckAsync(InvariantChecker checker, CancellationToken cancellationToken) =>
        TypedResults.Ok(await checker.CheckAsync(cancellationToken));
}
