using System.Text.Json;
using Shop.Contracts;
using Shop.Contracts.Messages;
using Shop.Ordering.Checkout;

namespace Shop.Ordering.Orders;

/// <summary>An order and how far its checkout has come. It records; the protocol decides.</summary>
internal sealed class Order
{
    private const string ItsOwn = "order";
    private const string Resent = "resent";

    private IReadOnlyList<OrderLine>? _lines;

    private Order()
    {
    }

    public long Id { get; private set; }

    public long CustomerId { get; private set; }

    /// <summary>Customer and Idempotency-Key: unique.</summary>
    public string RequestKey { get; private set; } = "";

    /// <summary>Digest of the client's body, by which a reused key is told from a repeated request.</summary>
    public string Fingerprint { get; private set; } = "";

    public string Checkout { get; private set; } = "";

    public OrderStatus Status { get; private set; }

    public string? Reason { get; private set; }

    public string LinesJson { get; private set; } = "";

    public long TotalAmount { get; private set; }

    public string Currency { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Rises by one with each change that a caller can see.</summary>
    public int Version { get; private set; }

    public CheckoutStep Step { get; private set; }

    public Awaiting Awaiting { get; private set; }

    public bool CancelRequested { get; private set; }

    /// <summary>How often the current step was sent.</summary>
    public int Attempts { get; private set; }

    /// <summary>When the current step is sent again unless it is answered; null when nothing is awaited.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    public string HistoryText { get; private set; } = "";

    public IReadOnlyList<OrderLine> Lines => _lines ??= JsonSerializer.Deserialize(LinesJson, OrderLinesJson.Default.IReadOnlyListOrderLine)!;

    public IReadOnlyList<StockLine> StockLines => [.. Lines.Select(line => new StockLine(line.Sku, line.Quantity))];

    public Money Total => new(TotalAmount, Currency);

    public bool IsFinal => Status is OrderStatus.Confirmed or OrderStatus.Rejected or OrderStatus.Cancelled;

    public IReadOnlyList<HistoryEntry> History => HistoryEntry.Parse(HistoryText);

    /// <exception cref="OverflowException">The total does not fit.</exception>
    public static Order Place(
        long id, long customerId, string requestKey, string fingerprint, string checkout, IReadOnlyList<OrderLine> lines, DateTimeOffset now)
    {
        var total = lines.Select(line => line.UnitPrice * line.Quantity).Aggregate((sum, line) => sum + line);
        var order = new Order
        {
            Id = id,
            CustomerId = customerId,
            RequestKey = requestKey,
            Fingerprint = fingerprint,
            Checkout = checkout,
            Status = OrderStatus.Pending,
            LinesJson = JsonSerializer.Serialize(lines, OrderLinesJson.Default.IReadOnlyListOrderLine),
            TotalAmount = total.Amount,
            Currency = total.Currency,
            CreatedAt = now,
            UpdatedAt = now,
            Version = 1,
            _lines = lines,
        };
        order.Record(now, ServiceNames.Ordering, ItsOwn, "placed", checkout);
        return order;
    }

    /// <summary>The checkout asks for a step for the first time.</summary>
    public void Enter(CheckoutStep step, Awaiting awaiting, DateTimeOffset now)
    {
        MustNotBeFinal();
        Step = step;
        Awaiting = awaiting;
        Attempts = 1;
        Record(now, ServiceNames.Ordering, StepName(step), "sent", null);
    }

    /// <summary>The current step was sent once more.</summary>
    public void Resend(DateTimeOffset now, DateTimeOffset dueAt)
    {
        var entry = new HistoryEntry(now, ServiceNames.Ordering, StepName(Step), Resent, $"attempt {Attempts + 1}");
        HistoryText = Attempts > 1 && History is [.., { Outcome: Resent } last] && last.Step == entry.Step
            ? HistoryEntry.ReplaceLast(HistoryText, entry)
            : HistoryEntry.Append(HistoryText, entry);
        Attempts++;
        DueAt = dueAt;
    }

    /// <summary>The checkout is at another step, without anything being asked.</summary>
    public void TurnTo(CheckoutStep step) => Step = step;

    /// <summary>When to look again unless an answer comes first; null leaves it to an operator.</summary>
    public void Await(DateTimeOffset? dueAt) => DueAt = dueAt;

    /// <summary>One of the two acknowledgements that an undo waits for has come.</summary>
    public void Acknowledge(Awaiting part) => Awaiting &= ~part;

    public void Finish(OrderStatus status, string? reason, DateTimeOffset now)
    {
        MustNotBeFinal();
        Step = CheckoutStep.Finished;
        Awaiting = Awaiting.None;
        DueAt = null;
        Change(status, reason, now);
    }

    /// <summary>Gives the order a reason before it is undone, so that it is known when the undo is acknowledged.</summary>
    public void Fail(string? reason) => Reason = reason;

    /// <summary>The customer wants it cancelled; the checkout reads this at the pivot.</summary>
    /// <returns>False when the order is already rejected or cancelled.</returns>
    public bool RequestCancel(DateTimeOffset now)
    {
        if (Status is OrderStatus.Rejected or OrderStatus.Cancelled)
        {
            return false;
        }

        if (!CancelRequested)
        {
            CancelRequested = true;
            Change(Status is OrderStatus.NeedsAttention ? Status : OrderStatus.Cancelling, Reasons.Customer, now);
        }

        return true;
    }

    /// <summary>Only a human can decide now, or the participant that has been silent for so long.</summary>
    public void NeedAttention(string detail, DateTimeOffset now)
    {
        if (Status is not OrderStatus.NeedsAttention)
        {
            Status = OrderStatus.NeedsAttention;
            UpdatedAt = now;
            Version++;
            Record(now, ServiceNames.Ordering, ItsOwn, "needsAttention", detail);
        }
    }

    public void Record(DateTimeOffset at, string service, string step, string outcome, string? detail) =>
        HistoryText = HistoryEntry.Append(HistoryText, new HistoryEntry(at, service, step, outcome, detail));

    private void Change(OrderStatus status, string? reason, DateTimeOffset now)
    {
        Status = status;
        Reason = reason;
        UpdatedAt = now;
        Version++;
        Record(now, ServiceNames.Ordering, ItsOwn, OrderView.NameOf(status), reason);
    }

    private void MustNotBeFinal()
    {
        if (IsFinal)
        {
            throw new InvalidOperationException($"Order {Id} is {Status}: nothing moves it any more.");
        }
    }

    private static string StepName(CheckoutStep step) => step switch
    {
        CheckoutStep.Reserving => OperationNames.Reserve,
        CheckoutStep.Charging => OperationNames.Charge,
        CheckoutStep.Taking => OperationNames.Take,
        CheckoutStep.Undoing => "undo",
        CheckoutStep.Trying => "try",
        CheckoutStep.Confirming => "confirm",
        CheckoutStep.Cancelling => "cancel",
        CheckoutStep.Preparing => OperationNames.Prepare,
        CheckoutStep.Committing => OperationNames.Commit,
        CheckoutStep.RollingBack => OperationNames.RollBack,
        CheckoutStep.Announced or CheckoutStep.Declined => "announce",
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };
}
