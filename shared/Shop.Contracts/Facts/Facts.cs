namespace Shop.Contracts.Facts;

// What each service says about itself to the invariant checker, over /internal/facts. A stream is one database snapshot, in the order of
// its key, so that the checker can merge-join any number of orders in constant memory.

/// <summary>One order as ordering knows it.</summary>
/// <param name="Key">Customer and Idempotency-Key, as the unique index holds them.</param>
/// <param name="Invoices">How many invoices it has.</param>
/// <param name="CreditNotes">How many credit notes it has.</param>
public sealed record OrderFact(
    long OrderId,
    string Status,
    string Checkout,
    Money Total,
    IReadOnlyList<Messages.StockLine> Lines,
    string Key,
    DateTimeOffset UpdatedAt,
    long Version,
    int Invoices,
    int CreditNotes);

/// <summary>Inventory's stream: all reservations by order id, then all stock rows by SKU. Exactly one member is set.</summary>
public sealed record InventoryFact(ReservationFact? Reservation, StockFact? Stock);

/// <summary>What inventory holds or sold for one order. State: <c>held</c>, <c>sold</c> or <c>released</c>.</summary>
public sealed record ReservationFact(long OrderId, string State, IReadOnlyList<Messages.StockLine> Lines);

/// <summary>The counters of one SKU. <paramref name="Received"/> is initial stock plus receipts, less what counts found missing.</summary>
public sealed record StockFact(string Sku, long Available, long Reserved, long Sold, long Received);

/// <summary>Payments' stream: all payments by order id, then all accounts by name, then one total. Exactly one member is set.</summary>
public sealed record PaymentsFact(PaymentFact? Payment, AccountFact? Account, LedgerFact? Ledger);

/// <summary>What one order was charged. State: <c>captured</c>, <c>refunded</c>, or with TCC <c>authorized</c>, <c>voided</c>; <c>missing</c> where
/// only the ledger knows of it.</summary>
/// <param name="Booked">What the ledger's entries of this order add up to as revenue, in minor units; null where that was not asked.</param>
public sealed record PaymentFact(long OrderId, long CustomerId, string State, Money Amount, long? Booked = null);

/// <summary>One customer's wallet beside the sums of its ledger entries: they must agree.</summary>
public sealed record AccountFact(long CustomerId, long Balance, long Held, long LedgerBalance, long LedgerHeld);

/// <summary>Sums over the whole ledger, in minor units.</summary>
/// <param name="EntriesSum">Every entry added up: 0 when the books balance.</param>
/// <param name="UnbalancedTransactions">Ledger transactions whose own entries do not add up to 0.</param>
/// <param name="Corrected">What corrections have added to the revenue; negative where they gave back.</param>
public sealed record LedgerFact(
    long EntriesSum,
    long UnbalancedTransactions,
    long Wallets,
    long Held,
    long Captured,
    long Refunded,
    long Welcome,
    long Deposits,
    long Corrected = 0);

/// <summary>A message that <paramref name="Service"/> could not handle.</summary>
public sealed record DeadLetterFact(string Service, string Id, string Source, string Error, int Arrivals, DateTimeOffset LastAt);

/// <summary>The states of <see cref="ReservationFact"/> and <see cref="PaymentFact"/>.</summary>
public static class FactStates
{
    public const string Held = "held";
    public const string Sold = "sold";
    public const string Released = "released";
    public const string Captured = "captured";
    public const string Refunded = "refunded";
    public const string Authorized = "authorized";
    public const string Voided = "voided";
    public const string Missing = "missing";
}
