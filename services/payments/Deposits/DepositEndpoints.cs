using System.Diagnostics;
using Shop.Payments.Wallets;
using Shop.ServiceDefaults;

namespace Shop.Payments.Deposits;

internal static class DepositEndpoints
{
    public const long MaxAmount = 1_000_000_00;

    public static void MapDeposits(this IEndpointRouteBuilder routes) => routes
        .MapPost("/api/v1/wallet/deposits", PostAsync)
        .WithTags("Wallet")
        .WithName("deposit")
        .WithSummary("Pay money in")
        .RequireCustomer()
        .Produces<DepositView>(StatusCodes.Status201Created)
        .Sends(StatusCodes.Status201Created, "Location", "Where the entry of the deposit stands.")
        .Sends(StatusCodes.Status201Created, ShopHeaders.IdempotentReplayed, "\"true\" where an earlier request with this key made the deposit.")
        .Refuses(ProblemCatalogue.IdempotencyKeyMissing, ProblemCatalogue.IdempotencyKeyInvalid, ProblemCatalogue.IdempotencyKeyReused, ProblemCatalogue.WalletClosed);

    internal static async Task<IResult> PostAsync(
        DepositRequest request,
        IdempotencyKey key,
        RequestFingerprint fingerprint,
        Customer customer,
        DepositIntake deposits,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        if (request.Amount is not { Amount: >= 1 and <= MaxAmount, Currency: Wallet.ShopCurrency })
        {
            return Problems.Validation(nameof(request.Amount), $"1 to {MaxAmount} in {Wallet.ShopCurrency}.");
        }

        switch (await deposits.PayInAsync(customer, key, fingerprint, request.Amount, cancellationToken))
        {
            case DepositOutcome.Accepted(var deposit, var replayed):
                if (replayed)
                {
                    response.Headers[ShopHeaders.IdempotentReplayed] = "true";
                }

                return TypedResults.Created("/api/v1/wallet/entries", DepositView.Of(deposit));
            case DepositOutcome.KeyReused:
                return Problems.IdempotencyKeyReused();
            case DepositOutcome.WalletClosed:
                return Problems.Of(ProblemCatalogue.WalletClosed);
            case DepositOutcome.NoWallet:
                return Problems.NotFound();
            default:
                throw new UnreachableException();
        }
    }
}
