using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Jobs;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Payments.Ledger;
using Shop.Payments.Storage;
using Shop.Payments.Wallets;

namespace Shop.Payments.Settlements;

/// <summary>Sums up each business day that is over, once: the day before, and any that was missed before it.</summary>
/// <remarks>
/// A booking belongs to its day if it was committed when that was settled, else to the next day that is. Days are those of the clock that wrote the
/// booking, in UTC.
/// </remarks>
internal sealed class DailySettlement(
    Database<PaymentsDbContext> database, Bookkeeper books, IOptions<SettlementOptions> options, TimeProvider clock) : IScheduledJob<PaymentsDbContext>
{
    public const string Name = JobNames.Settlement;

    public JobDefinition Definition { get; } = new(Name, "Sums up the revenue of the day before, per currency.", "0 10 0 * * ?")
    {
        Misfire = MisfirePolicy.RunOnce,
        Timeout = TimeSpan.FromMinutes(10),
        RetryAfter = TimeSpan.FromSeconds(30),
        LateAfter = TimeSpan.FromMinutes(30),
    };

    public async Task RunAsync(JobClaim<PaymentsDbContext> claim, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        while (await NextDayAsync(today, cancellationToken) is { } day)
        {
            JobStep step;
            do
            {
                step = await claim.StepAsync(db => SumUpAsync(db, day, cancellationToken), cancellationToken);
            }
            while (step.Done > 0);

            await claim.StepAsync(db => CloseAsync(db, day, cancellationToken), cancellationToken);
        }
    }

    // One that somebody has begun; else the day after the last one that is closed; at the very beginning the first one with a booking.
    private Task<DateOnly?> NextDayAsync(DateOnly today, CancellationToken cancellationToken) => database.ReadAsync(
        async db =>
        {
            var open = await db.Settlements.Where(s => s.ClosedAt == null).OrderBy(s => s.Day).Select(s => (DateOnly?)s.Day).FirstOrDefaultAsync(cancellationToken);
            var closed = await db.Settlements.Where(s => s.ClosedAt != null).OrderByDescending(s => s.Day).Select(s => (DateOnly?)s.Day).FirstOrDefaultAsync(cancellationToken);
            var oldest = await db.Unsettled.OrderBy(u => u.At).Select(u => (DateTimeOffset?)u.At).FirstOrDefaultAsync(cancellationToken);
            var next = open ?? closed?.AddDays(1) ?? (oldest is { } at ? DateOnly.FromDateTime(at.UtcDateTime) : today.AddDays(-1));
            return next < today ? next : (DateOnly?)null;
        },
        cancellationToken);

    // The rows are locked, deleted and counted in one transaction: one that commits meanwhile is not among them and waits for the next settlement.
    private async Task<JobStep> SumUpAsync(PaymentsDbContext db, DateOnly day, CancellationToken cancellationToken)
    {
        var end = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        var bookings = await db.Unsettled
            .Where(u => u.At < end)
            .OrderBy(u => u.At)
            .ThenBy(u => u.EntryId)
            .Take(options.Value.BatchSize)
            .ForUpdate()
            .ToListAsync(cancellationToken);
        foreach (var group in bookings.GroupBy(b => b.Currency))
        {
            var settlement = await OpenAsync(db, day, group.Key, cancellationToken);
            settlement.Add(
                captured: group.Where(b => b.Kind is EntryKinds.Charge or EntryKinds.Capture).Sum(b => b.Amount),
                refunded: -group.Where(b => b.Kind is EntryKinds.Refund).Sum(b => b.Amount),
                corrected: group.Where(b => b.Kind is EntryKinds.Correction).Sum(b => b.Amount),
                bookings: group.Count());
        }

        db.RemoveRange(bookings);
        return new JobStep(bookings.Count, day.ToString("O", CultureInfo.InvariantCulture));
    }

    // A day without bookings has a settlement too: that there was nothing is what it states.
    private async Task<JobStep> CloseAsync(PaymentsDbContext db, DateOnly day, CancellationToken cancellationToken)
    {
        await OpenAsync(db, day, Wallet.ShopCurrency, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        foreach (var settlement in await db.Settlements.Where(s => s.Day == day).OrderBy(s => s.Currency).ForUpdate().ToListAsync(cancellationToken))
        {
            settlement.Close(clock.GetStorageTime(), settlement.Net == 0 ? null : books.Settle(db, settlement.Net));
        }

        return new JobStep(0, day.ToString("O", CultureInfo.InvariantCulture));
    }

    private async Task<Settlement> OpenAsync(PaymentsDbContext db, DateOnly day, string currency, CancellationToken cancellationToken)
    {
        if (await db.Settlements.FindAsync([day, currency], cancellationToken) is { } open)
        {
            return open;
        }

        return db.Add(new Settlement(day, currency, clock.GetStorageTime())).Entity;
    }
}
