using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Payments.Storage;
using Shop.ServiceDefaults;

namespace Shop.Payments.Settlements;

internal static class SettlementEndpoints
{
    public static void MapSettlements(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/ops/settlements", ListAsync).RequireOperatorKey();

    /// <summary>Newest first. All settlements of one day come on one page, which may be longer for it.</summary>
    internal static async Task<PageResult<SettlementView>> ListAsync(
        PageRequest page, Database<PaymentsDbContext> database, CancellationToken cancellationToken)
    {
        var before = page.AfterNumber() is { } number and >= 0 and < 3_000_000 ? DateOnly.FromDayNumber((int)number) : DateOnly.MaxValue;
        var settlements = await database.ReadAsync(
            async db =>
            {
                var days = await db.Settlements
                    .Where(s => s.Day < before).Select(s => s.Day).Distinct().OrderByDescending(d => d).Take(page.Take).ToListAsync(cancellationToken);
                var rows = await db.Settlements.Where(s => days.Contains(s.Day)).ToListAsync(cancellationToken);
                return days.Select(day => rows.Where(s => s.Day == day).OrderBy(s => s.Currency, StringComparer.Ordinal).ToList()).ToList();
            },
            cancellationToken);
        var next = settlements.Count > page.Limit ? Cursor.From(settlements[page.Limit - 1][0].Day.DayNumber) : null;
        return Page.Ok<SettlementView>([.. settlements.Take(page.Limit).SelectMany(day => day).Select(SettlementView.Of)], next);
    }
}

/// <summary>The statement of one business day in one currency.</summary>
/// <param name="ClosedAt">Null while it is being summed up.</param>
/// <param name="TransactionId">Where it stands in the ledger; null where nothing was to be moved.</param>
internal sealed record SettlementView(
    DateOnly Day,
    DateTimeOffset? ClosedAt,
    Money Captured,
    Money Refunded,
    Money Corrected,
    Money Net,
    long Bookings,
    string? TransactionId)
{
    public static SettlementView Of(Settlement settlement) => new(
        settlement.Day,
        settlement.ClosedAt,
        new Money(settlement.Captured, settlement.Currency),
        new Money(settlement.Refunded, settlement.Currency),
        new Money(settlement.Corrected, settlement.Currency),
        new Money(settlement.Net, settlement.Currency),
        settlement.Bookings,
        settlement.TransactionId?.ToString(CultureInfo.InvariantCulture));
}
