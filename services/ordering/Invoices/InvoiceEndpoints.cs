using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Invoices;

internal static class InvoiceEndpoints
{
    private const string NotYet = "An order has an invoice once it is confirmed.";

    public static void MapInvoice(this IEndpointRouteBuilder orders) => orders.MapGet("/{id:long}/invoice", GetAsync)
        .WithName("getOrderInvoice")
        .WithSummary("The order's invoice, and the credit note if it was cancelled afterwards")
        .WithDescription("Numbers are unique. They have gaps, and a later invoice may have a lower number.")
        .Refuses(ProblemCatalogue.NotFound);

    internal static async Task<Results<Ok<InvoiceView>, ProblemResult>> GetAsync(
        long id, Customer customer, Database<OrderingDbContext> database, CancellationToken cancellationToken)
    {
        if (await OrderEndpoints.FindAsync(id, customer, database, cancellationToken) is not { } order)
        {
            return new ProblemResult(ProblemCatalogue.NotFound);
        }

        var issued = await database.ReadAsync(db => db.Invoices.Where(i => i.OrderId == id).ToListAsync(cancellationToken), cancellationToken);
        return issued.Find(i => i.Kind is InvoiceKind.Invoice) is { } invoice
            ? TypedResults.Ok(InvoiceView.Of(order, invoice, issued.Find(i => i.Kind is InvoiceKind.CreditNote)))
            : new ProblemResult(ProblemCatalogue.NotFound, NotYet);
    }
}
