using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;

namespace Shop.Ordering.Invoices;

/// <summary>Issues an invoice with the change that confirms an order, and a credit note with the change that cancels a confirmed one.</summary>
/// <remarks>
/// The numbers come from this process's buffer, so a confirmation costs one more row and no round trip. What is rolled back loses its numbers.
/// </remarks>
internal sealed class Invoicing(
    [FromKeyedServices(Invoicing.InvoiceSeries)] IIdGenerator invoices,
    [FromKeyedServices(Invoicing.CreditNoteSeries)] IIdGenerator creditNotes,
    TimeProvider clock)
{
    public const string InvoiceSeries = "invoice";
    public const string CreditNoteSeries = "credit-note";

    /// <summary>Looks at orders that this transaction has moved. Those that were in their state before are left alone.</summary>
    /// <exception cref="IdsUnavailableException">The buffer is empty and the database has given no new numbers: the transaction is to be repeated.</exception>
    public async Task IssueAsync(OrderingDbContext db, IEnumerable<Order> moved, CancellationToken cancellationToken)
    {
        List<long> cancelled = [];
        foreach (var order in moved)
        {
            if (order.Status is not (OrderStatus.Confirmed or OrderStatus.Cancelled)
                || db.Entry(order).Property(o => o.Status).OriginalValue == order.Status)
            {
                continue;
            }

            if (order.Status is OrderStatus.Cancelled)
            {
                cancelled.Add(order.Id);
                continue;
            }

            db.Invoices.Add(new Invoice(InvoiceKind.Invoice, invoices.Next(), order.Id, clock.GetStorageTime()));
        }

        if (cancelled.Count == 0)
        {
            return;
        }

        // An order that was cancelled before it was confirmed has no invoice, and nothing to take back.
        var invoiced = await db.Invoices
            .Where(i => i.Kind == InvoiceKind.Invoice && cancelled.Contains(i.OrderId)).Select(i => i.OrderId).ToListAsync(cancellationToken);
        db.AddRange(invoiced.Select(id => new Invoice(InvoiceKind.CreditNote, creditNotes.Next(), id, clock.GetStorageTime())));
    }
}
