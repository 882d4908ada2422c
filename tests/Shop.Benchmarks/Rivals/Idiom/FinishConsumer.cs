using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace Shop.Benchmarks.Rivals.Idiom;

/// <summary>Writes down how an order ended, and tells who waits for it.</summary>
internal sealed class FinishConsumer(IdiomDbContext db, Waiting waiting) : IConsumer<FinishOrder>
{
    public async Task Consume(ConsumeContext<FinishOrder> context)
    {
        var (order, confirmed) = context.Message;
        await db.Orders.Where(row => row.Id == order)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, confirmed ? 1 : 2), context.CancellationToken);
        waiting.Finished(order, confirmed);
    }
}
