namespace Shop.Ordering.Reconciliation;

/// <summary>What can be different between the services. The names are stored and stand in the ids of differences.</summary>
internal static class DifferenceKinds
{
    /// <summary>A payment is captured for an order that is unknown, or that was rejected or cancelled without ever knowing of the payment.</summary>
    public const string PaidWithoutOrder = "paid-without-order";

    /// <summary>An order is confirmed and its stock sold, but nobody paid.</summary>
    public const string SoldWithoutPayment = "sold-without-payment";

    /// <summary>An order is confirmed, but its stock is not sold.</summary>
    public const string ConfirmedWithoutStock = "confirmed-without-stock";

    /// <summary>Stock is held or sold for an order that is unknown, rejected or cancelled.</summary>
    public const string OrphanReservation = "orphan-reservation";

    /// <summary>Money is held for an order that is unknown, rejected or cancelled.</summary>
    public const string OrphanAuthorization = "orphan-authorization";

    /// <summary>The ledger has more for an order than its payment says: a second charge, or one whose payment is gone.</summary>
    public const string DoubleCapture = "double-capture";

    /// <summary>The refund of a rejected or cancelled order was acknowledged, but the payment is still captured.</summary>
    public const string LostRefund = "lost-refund";

    /// <summary>An order is not final for too long, or needs attention.</summary>
    public const string StuckOrder = "stuck-order";

    /// <summary>A message could not be handled, and nobody has looked after it.</summary>
    public const string StuckLetter = "stuck-letter";
}
