using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>The part of payments.</summary>
internal sealed class PaymentConsumer(IdiomDbContext db) : IConsumer<ChargePayment>
{
    public async Task Consume(ConsumeContext<ChargePayment> context)
    {
        var (order, wallet, total) = context.Message;
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        var paid = await db.Wallets.Where(row => row.Id == wallet && row.Balance >= total)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Balance, row => row.Balance - total), context.CancellationToken);
        if (paid == 0)
        {
            await context.Publish(new PaymentRefused(order));
            return;
        }

        db.Payments.Add(new PaymentRow(order, wallet, total, State: 0));
        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        await context.Publish(new PaymentCharged(order));
    }
}
