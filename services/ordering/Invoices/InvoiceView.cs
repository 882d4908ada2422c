using System.Globalization;
using System.Text.Json.Serialization;
using Shop.Contracts;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Invoices;

/// <summary>An invoice as its customer sees it.</summary>
internal sealed record InvoiceView(
    string Number,
    string OrderId,
    DateTimeOffset IssuedAt,
    IReadOnlyList<OrderLine> Lines,
    Money Total,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CreditNoteView? CreditNote)
{
    public static InvoiceView Of(Order order, Invoice invoice, Invoice? creditNote) => new(
        string.Create(CultureInfo.InvariantCulture, $"INV-{invoice.Number:D8}"),
        order.Id.ToString(CultureInfo.InvariantCulture),
        invoice.IssuedAt,
        order.Lines,
        order.Total,
        creditNote is null ? null : new(string.Create(CultureInfo.InvariantCulture, $"CN-{creditNote.Number:D8}"), creditNote.IssuedAt));
}

/// <summary>What takes the whole invoice back.</summary>
internal sealed record CreditNoteView(string Number, DateTimeOffset IssuedAt);
