using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Alarms;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Overdue;

/// <summary>Orders wait for a person to decide.</summary>
internal sealed class AttentionAlarm : IAlarmSource<OrderingDbContext>
{
    private const int Counted = 100;

    public string Subject => "orders";

    public string Cause => AlarmCauses.Waiting;

    public async Task<string?> LookAsync(OrderingDbContext db, CancellationToken cancellationToken) =>
        await db.Orders.Where(o => o.Status == OrderStatus.NeedsAttention).OrderBy(o => o.Id).Take(Counted).CountAsync(cancellationToken) is > 0 and var orders
            ? $"{orders}{(orders == Counted ? " or more" : "")} orders need attention: see /ops/orders/stuck"
            : null;
}
