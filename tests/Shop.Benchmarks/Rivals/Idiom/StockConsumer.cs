using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>Inventory's part: a transaction for each message, and an answer after its commit.</summary>
internal sealed class StockConsumer(IdiomDbContext db) : IConsumer<ReserveStock>, IConsumer<ReleaseStock>
{
    public async Task Consume(ConsumeContext<ReserveStock> context)
    {
        var (order, sku) = (context.Message.CorrelationId, context.Message.Sku);
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        var held = await db.Stock.Where(row => row.Sku == sku && row.OnHand - row.Reserved >= 1)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Reserved, row => row.Reserved + 1), context.CancellationToken);
        if (held == 0)
        {
            await context.Publish(new StockRefused(order));
            return;
        }

        db.Reservations.Add(new ReservationRow(order, sku, Quantity: 1, State: 0));
        await db.SaveChangesAsync(context.CancellationToken);
        await transaction.CommitAsync(context.CancellationToken);
        await context.Publish(new StockReserved(order));
    }

    public async Task Consume(ConsumeContext<ReleaseStock> context)
    {
        var (order, sku) = (context.Message.CorrelationId, context.Message.Sku);
        await using var transaction = await db.Database.BeginTransactionAsync(context.CancellationToken);
        if (await db.Reservations.Where(row => row.OrderId == order).ExecuteDeleteAsync(context.CancellationToken) == 1)
        {
            await db.Stock.Where(row => row.Sku == sku)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Reserved, row => row.Reserved - 1), context.CancellationToken);
        }

        await transaction.CommitAsync(context.CancellationToken);
    }
}
