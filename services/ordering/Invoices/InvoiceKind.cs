namespace Shop.Ordering.Invoices;

/// <summary>The numbers are stored.</summary>
internal enum InvoiceKind
{
    Invoice = 1,

    /// <summary>Takes an invoice back: the order was cancelled after it had been confirmed.</summary>
    CreditNote = 2,
}
