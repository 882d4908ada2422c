using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.Ordering.Invoices;
using Shop.Ordering.Orders;
using Shop.Ordering.Storage;
using Shop.ServiceDefaults;

namespace Shop.Ordering.Invariants;

/// <summary>Facts from ordering's own database and, over <c>/internal/facts</c>, from the two participants.</summary>
internal sealed class ServiceFacts(Database<OrderingDbContext> database, IHttpClientFactory http) : IFacts
{
    public IAsyncEnumerable<OrderFact> OrdersAsync(CancellationToken cancellationToken) =>
        database.SnapshotAsync(db => Counted(db, db.Orders.OrderBy(o => o.Id)).AsAsyncEnumerable().Select(FactOf), cancellationToken);

    public IAsyncEnumerable<InventoryFact> InventoryAsync(CancellationToken cancellationToken) =>
        StreamAsync<InventoryFact>(ServiceNames.Inventory, "/internal/facts", cancellationToken);

    public IAsyncEnumerable<PaymentsFact> PaymentsAsync(CancellationToken cancellationToken) =>
        StreamAsync<PaymentsFact>(ServiceNames.Payments, "/internal/facts", cancellationToken);

    public IAsyncEnumerable<DuplicateKey> DuplicateKeysAsync(CancellationToken cancellationToken) => database.SnapshotAsync(
        db => db.Orders.GroupBy(o => o.RequestKey).Where(g => g.Count() > 1).Select(g => new DuplicateKey(g.Key, g.Count())).AsAsyncEnumerable(),
        cancellationToken);

    public IAsyncEnumerable<DeadLetterFact> DeadLettersAsync(CancellationToken cancellationToken) =>
        database.SnapshotAsync(
            db => db.DeadLetters.OrderBy(l => l.Id).AsAsyncEnumerable().Select(l => l.ToFact(ServiceNames.Ordering)), cancellationToken)
            .Concat(StreamAsync<DeadLetterFact>(ServiceNames.Inventory, "/internal/dead-letters", cancellationToken))
            .Concat(StreamAsync<DeadLetterFact>(ServiceNames.Payments, "/internal/dead-letters", cancellationToken));

    public Task<OrderFact?> OrderAsync(long orderId, CancellationToken cancellationToken) => database.ReadAsync(
        async db => await Counted(db, db.Orders.Where(o => o.Id == orderId)).SingleOrDefaultAsync(cancellationToken) is { } order ? FactOf(order) : null,
        cancellationToken);

    public Task<ReservationFact?> ReservationAsync(long orderId, CancellationToken cancellationToken) =>
        FindAsync<ReservationFact>(ServiceNames.Inventory, "reservations", orderId, cancellationToken);

    public Task<PaymentFact?> PaymentAsync(long orderId, CancellationToken cancellationToken) =>
        FindAsync<PaymentFact>(ServiceNames.Payments, "payments", orderId, cancellationToken);

    private static IQueryable<CountedOrder> Counted(OrderingDbContext db, IQueryable<Order> orders) => orders.Select(o => new CountedOrder(
        o,
        db.Invoices.Count(i => i.OrderId == o.Id && i.Kind == InvoiceKind.Invoice),
        db.Invoices.Count(i => i.OrderId == o.Id && i.Kind == InvoiceKind.CreditNote)));

    private static OrderFact FactOf(CountedOrder counted) => new(
        counted.Order.Id,
        OrderView.NameOf(counted.Order.Status),
        counted.Order.Checkout,
        counted.Order.Total,
        [.. counted.Order.Lines.Select(l => new StockLine(l.Sku, l.Quantity))],
        counted.Order.RequestKey,
        counted.Order.UpdatedAt,
        counted.Order.Version,
        counted.Invoices,
        counted.CreditNotes);

    private async IAsyncEnumerable<T> StreamAsync<T>(string service, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The client's timeout is for single answers; a stream takes as long as its data, and ends with the caller.
        using var client = http.CreateClient(service).WithoutTimeout();
        await foreach (var fact in client.GetFromJsonAsAsyncEnumerable<T>(path, cancellationToken))
        {
            yield return fact!;
        }
    }

    private async Task<T?> FindAsync<T>(string service, string kind, long orderId, CancellationToken cancellationToken)
        where T : class
    {
        using var client = http.CreateClient(service);
        var path = string.Create(CultureInfo.InvariantCulture, $"/internal/facts/{kind}/{orderId}");
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        return response.StatusCode is HttpStatusCode.NotFound
            ? null
            : await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(cancellationToken);
    }

    private sealed record CountedOrder(Order Order, int Invoices, int CreditNotes);
}
