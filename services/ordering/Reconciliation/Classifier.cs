using System.Globalization;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.Ordering.Invariants;
using Shop.Ordering.Orders;

namespace Shop.Ordering.Reconciliation;

/// <summary>Tells from the facts of one order what is different and what would put it right.</summary>
/// <remarks>Reads nothing and changes nothing. What it finds in facts that were read one after the other is a suspicion, no more.</remarks>
internal static class Classifier
{
    /// <param name="facts">What the services say.</param>
    /// <param name="details">The order itself, where it is known and was looked up.</param>
    /// <param name="now">To tell what is late.</param>
    /// <param name="overdueAfter">From when on an order that is not final is stuck.</param>
    public static IEnumerable<Finding> FindingsIn(JoinedOrder facts, Order? details, DateTimeOffset now, TimeSpan overdueAfter)
    {
        var (_, order, _, payment) = facts;
        var findings = order?.Status switch
        {
            null or Names.Rejected or Names.Cancelled => OfNothing(facts, details),
            Names.Confirmed => OfConfirmed(facts, details),
            _ => OfUnfinished(facts, details, now, overdueAfter),
        };

        // Whatever the order is: the payment and the ledger belong to one service and one snapshot.
        return payment is { Booked: { } booked } && booked > OwedBy(payment)
            ? findings.Append(Found(facts, DifferenceKinds.DoubleCapture, "the ledger has charged more than the payment says", CorrectionKinds.ReturnSurplus) with
            {
                CustomerId = payment.CustomerId,
                Amount = new Money(booked - OwedBy(payment), payment.Amount.Currency),
            })
            : findings;
    }

    public static string EvidenceKey(long orderId) => orderId.ToString(CultureInfo.InvariantCulture);

    // Nothing may be held, sold or charged. Where the order is known, that was decided and acknowledged; where it is not, it may have been lost.
    private static IEnumerable<Finding> OfNothing(JoinedOrder facts, Order? details)
    {
        var known = facts.Order is not null;
        if (facts.Reservation is { State: FactStates.Held or FactStates.Sold } reservation)
        {
            yield return Found(facts, DifferenceKinds.OrphanReservation, $"stock is {reservation.State} for it", CorrectionKinds.Release) with { Automatic = known };
        }

        if (facts.Payment is { State: FactStates.Authorized })
        {
            yield return Found(facts, DifferenceKinds.OrphanAuthorization, "money is held for it", CorrectionKinds.Void) with { Automatic = known };
        }

        if (facts.Payment is { State: FactStates.Captured })
        {
            yield return details?.History.Any(entry => entry is { Step: OperationNames.Refund, Outcome: "done" }) is true
                ? Found(facts, DifferenceKinds.LostRefund, "its refund was acknowledged, but it is still charged", CorrectionKinds.Refund) with { Automatic = true }
                : Found(facts, DifferenceKinds.PaidWithoutOrder, "it is charged", CorrectionKinds.Refund);
        }
    }

    private static IEnumerable<Finding> OfConfirmed(JoinedOrder facts, Order? details)
    {
        var state = facts.Payment?.State;
        if (facts.Reservation?.State is not FactStates.Sold)
        {
            yield return Found(facts, DifferenceKinds.ConfirmedWithoutStock, "its stock is not sold", CorrectionKinds.UndoOrder);
        }
        else if (state is not (FactStates.Captured or FactStates.Missing)) // what is missing is charged: that is another difference
        {
            // What was given back once is not taken again without the customer.
            var finding = Found(facts, DifferenceKinds.SoldWithoutPayment, "its stock is sold, but it is not paid", CorrectionKinds.UndoOrder);
            yield return state is null or FactStates.Authorized
                ? finding with
                {
                    Correction = CorrectionKinds.Charge,
                    Alternative = CorrectionKinds.UndoOrder,
                    CustomerId = details?.CustomerId,
                    Amount = facts.Order!.Total,
                }
                : finding;
        }
    }

    private static IEnumerable<Finding> OfUnfinished(JoinedOrder facts, Order? details, DateTimeOffset now, TimeSpan overdueAfter)
    {
        if (facts.Order!.Status is Names.NeedsAttention || now - facts.Order.UpdatedAt > overdueAfter)
        {
            // Where nothing is awaited no answer will ever move it.
            yield return Found(
                facts,
                DifferenceKinds.StuckOrder,
                details?.DueAt is null ? "nothing will move it any more" : "it does not come to an end",
                details?.DueAt is null ? CorrectionKinds.UndoOrder : CorrectionKinds.RetryOrder);
        }
    }

    private static Finding Found(JoinedOrder facts, string kind, string what, string correction) => new(
        kind, EvidenceKey(facts.OrderId), $"order {facts.OrderId} is {facts.Order?.Status ?? "unknown"}: {what}", facts, correction);

    private static long OwedBy(PaymentFact payment) => payment.State is FactStates.Captured ? payment.Amount.Amount : 0;

    private static class Names
    {
        public const string Rejected = "rejected";
        public const string Cancelled = "cancelled";
        public const string Confirmed = "confirmed";
        public const string NeedsAttention = "needsAttention";
    }
}
