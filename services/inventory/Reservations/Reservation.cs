using Shop.Contracts.Facts;
using Shop.Contracts.Messages;

namespace Shop.Inventory.Reservations;

/// <summary>What one order holds or has bought: held, then sold or released; sold may still be released (a restock).</summary>
/// <remarks>Only an order whose stock was there has one: a refused reserve leaves its record in the operations table and nothing else.</remarks>
internal sealed class Reservation
{
    private Reservation(long orderId, IReadOnlyList<StockLine> lines, string state, DateTimeOffset? expiresAt)
    {
        ExpiresAt = expiresAt;
        OrderId = orderId;
        Lines = lines;
        State = state;
    }

    public long OrderId { get; private set; }

    public IReadOnlyList<StockLine> Lines { get; private set; }

    /// <summary>One of <see cref="FactStates"/>.</summary>
    public string State { get; private set; }

    /// <summary>When to ask what was decided, while it is held; null where somebody always tells.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public static Reservation Hold(long orderId, IReadOnlyList<StockLine> lines, DateTimeOffset? expiresAt) =>
        new(orderId, lines, FactStates.Held, expiresAt);

    /// <summary>False when nothing is held any more.</summary>
    public bool TrySell() => TryMove(from: FactStates.Held, to: FactStates.Sold);

    /// <summary>False unless it is held.</summary>
    public bool TryPutBack() => TryMove(from: FactStates.Held, to: FactStates.Released);

    /// <summary>False unless it is sold.</summary>
    public bool TryRestock() => TryMove(from: FactStates.Sold, to: FactStates.Released);

    public ReservationFact ToFact() => new(OrderId, State, Lines);

    private bool TryMove(string from, string to)
    {
        if (State != from)
        {
            return false;
        }

        State = to;
        return true;
    }
}
