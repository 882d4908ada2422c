using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;
using Shop.ServiceDefaults;

namespace Shop.Payments.Ledger;

internal static class LedgerEndpoints
{
    public static void MapLedger(this IEndpointRouteBuilder routes) => routes
        .MapGet("/api/v1/wallet/entries", ListAsync)
        .WithTags("Wallet")
        .WithName("listWalletEntries")
        .WithSummary("Every change of your wallet, newest first")
        .RequireCustomer()
        .Refuses(ProblemCatalogue.ValidationFailed);

    // Newest first: ids rise with time.
    internal static async Task<PageResult<LedgerEntryView>> ListAsync(
        PageRequest page, Customer customer, Database<PaymentsDbContext> database, CancellationToken cancellationToken)
    {
        var before = page.AfterNumber() ?? long.MaxValue;
        var entries = await database.ReadAsync(
            db => db.LedgerEntries
                .Where(e => e.CustomerId == customer.Id && e.Account == Accounts.Wallet && e.Id < before)
                .OrderByDescending(e => e.Id)
                .Take(page.Take)
                .ToListAsync(cancellationToken),
            cancellationToken);

        return Page.Ok([.. entries.Select(ToView)], page, last => Cursor.From(long.Parse(last.Id, CultureInfo.InvariantCulture)));
    }

    private static LedgerEntryView ToView(LedgerEntry entry) => new(
        entry.Id.ToString(CultureInfo.InvariantCulture),
        entry.At,
        entry.Kind,
        new Money(entry.Amount, Wallet.ShopCurrency),
        entry.OrderId?.ToString(CultureInfo.InvariantCulture));
}
