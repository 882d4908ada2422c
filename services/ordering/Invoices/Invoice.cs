namespace Shop.Ordering.Invoices;

/// <summary>That an order was invoiced, or its invoice taken back, under a number of its own. What was sold and for how much stands in the order.</summary>
internal sealed class Invoice(InvoiceKind kind, long number, long orderId, DateTimeOffset issuedAt)
{
    public InvoiceKind Kind { get; private set; } = kind;

    /// <summary>From the series of its kind: unique, with gaps, rising only within the segment of one process.</summary>
    public long Number { get; private set; } = number;

    public long OrderId { get; private set; } = orderId;

    public DateTimeOffset IssuedAt { get; private set; } = issuedAt;
}
