using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.Payments.Wallets;

internal static class WalletEndpoints
{
    public static void MapWallet(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/wallet", GetAsync)
            .WithTags("Wallet")
            .WithName("getWallet")
            .WithSummary("What you can spend, and what is held for orders")
            .RequireCustomer();
        routes.MapGroup("/ops").RequireOperatorKey().MapPost("/wallets/{customerId:long}/close", CloseAsync);
    }

    internal static async Task<Results<ConditionalOk<WalletView>, ProblemResult>> GetAsync(
        Customer customer, Database<PaymentsDbContext> database, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            db => db.Wallets.SingleOrDefaultAsync(w => w.CustomerId == customer.Id, cancellationToken), cancellationToken) is { } wallet
            ? Conditional.Ok(WalletView.Of(wallet), wallet.Version)
            : new ProblemResult(ProblemCatalogue.NotFound);

    internal static Task<IResult> CloseAsync(long customerId, OperatorName who, WalletClosing closing, CancellationToken cancellationToken) =>
        closing.CloseAsync(customerId, who, cancellationToken);
}
