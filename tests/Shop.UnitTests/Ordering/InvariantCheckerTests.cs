using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Contracts.Facts;
using Shop.Contracts.Messages;
using Shop.Ordering.Invariants;

namespace Shop.UnitTests.Ordering;

public sealed class InvariantCheckerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Books _books = new();

    [Fact]
    public async Task Sound_books_hold()
    {
        var report = await CheckAsync();

        Assert.True(report.Holds);
        Assert.Equal((4, 1), (report.Orders, report.InFlight));
        Assert.Empty(report.NeedsAttention);
    }

    public static TheoryData<int, string, Action<Books>> Violations => new()
    {
        { 1, "a piece vanished from the shelf", b => b.Stock[0] = b.Stock[0] with { Available = 94 } },
        { 1, "a counter is negative", b => b.Stock[0] = b.Stock[0] with { Available = -1, Received = 4 } },
        { 1, "reserved without a reservation", b => b.Stock[0] = b.Stock[0] with { Available = 94, Reserved = 3 } },
        { 1, "a reservation of a SKU without stock", b => b.Reservations.Add(new(40, "held", [new("ghost", 1)])) },
        { 2, "a wallet lost money", b => b.Accounts[0] = b.Accounts[0] with { Balance = 1 } },
        { 2, "a wallet is negative", b => b.Accounts[0] = b.Accounts[0] with { Balance = -5, LedgerBalance = -5 } },
        { 2, "an entry without its counterpart", b => b.Ledger = b.Ledger! with { EntriesSum = 5 } },
        { 2, "two wrong transactions that cancel out", b => b.Ledger = b.Ledger! with { UnbalancedTransactions = 2 } },
        { 2, "money appeared", b => b.Ledger = b.Ledger! with { Wallets = b.Ledger!.Wallets + 7 } },
        { 2, "the ledger has another charge for an order", b => b.Payments[0] = b.Payments[0] with { Booked = 1600 } },
        { 2, "the ledger has a charge for an order without a payment", b => b.Payments.Add(new(20, 7, "missing", new(800, "EUR"), 800)) },
        { 2, "captured more than the payments say", b => b.Ledger = b.Ledger! with { Captured = 900, Wallets = 9200 } },
        { 2, "money is held and no payment says for what", b => Hold(b, 300) },
        { 2, "no ledger at all", b => b.Ledger = null },
        { 3, "confirmed, not sold", b => b.Reservations[0] = b.Reservations[0] with { State = "held" } },
        { 3, "confirmed, no reservation", b => b.Reservations.RemoveAt(0) },
        { 3, "confirmed, other lines sold", b => b.Reservations[0] = b.Reservations[0] with { Lines = [new("umbrella", 3)] } },
        { 3, "confirmed, not paid", b => b.Payments.RemoveAt(0) },
        { 3, "confirmed, paid back", b => b.Payments[0] = b.Payments[0] with { State = "refunded" } },
        { 3, "confirmed, another amount", b => b.Payments[0] = b.Payments[0] with { Amount = new(999, "EUR") } },
        { 3, "confirmed, no invoice", b => b.Orders[0] = b.Orders[0] with { Invoices = 0 } },
        { 3, "confirmed, two invoices", b => b.Orders[0] = b.Orders[0] with { Invoices = 2 } },
        { 3, "confirmed, taken back", b => b.Orders[0] = b.Orders[0] with { CreditNotes = 1 } },
        { 3, "rejected, with an invoice", b => b.Orders[1] = b.Orders[1] with { Invoices = 1 } },
        { 3, "cancelled, without a credit note", b => b.Orders[2] = b.Orders[2] with { CreditNotes = 0 } },
        { 3, "rejected, still held", b => b.Reservations[1] = b.Reservations[1] with { State = "held" } },
        { 3, "rejected, still charged", b => b.Payments.Add(new(20, 7, "captured", new(800, "EUR"))) },
        { 3, "cancelled, still sold", b => b.Reservations.Add(new(25, "sold", [new("umbrella", 1)])) },
        { 4, "an order is lost", b => b.Orders.RemoveAt(0) },
        { 4, "an order is stuck", b => b.Orders[^1] = b.Orders[^1] with { UpdatedAt = Now.AddHours(-1) } },
        { 5, "one key made two orders", b => b.Duplicates.Add(new("7/k", 2)) },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_planted_violation_is_found_under_its_number(int number, string what, Action<Books> plant)
    {
        plant(_books);

        var report = await CheckAsync();

        Assert.False(report.Holds, what);
        Assert.False(report.Invariants.Single(i => i.Number == number).Holds, what);
        Assert.NotEmpty(report.Invariants.Single(i => i.Number == number).Examples);
    }

    [Fact]
    public async Task An_order_that_moved_between_the_snapshots_is_in_flight_and_not_wrong()
    {
        _books.Payments[0] = _books.Payments[0] with { State = "refunded" };
        _books.Current[10] = _books.Orders[0] with { Status = "cancelled", Version = 4 };

        var report = await CheckAsync();

        Assert.True(report.Invariants.Single(i => i.Number == 3).Holds);
        Assert.Equal(2, report.InFlight);
    }

    [Fact]
    public async Task An_order_that_came_after_the_first_snapshot_is_in_flight_and_not_lost()
    {
        _books.Current[40] = new(40, "pending", "saga", new(1, "EUR"), [], "7/new", Now, 1, 0, 0);
        _books.Reservations.Add(new(40, "released", []));

        var report = await CheckAsync();

        Assert.True(report.Holds);
        Assert.Equal(2, report.InFlight);
    }

    [Fact]
    public async Task An_order_that_needs_attention_is_listed_apart()
    {
        _books.Orders[^1] = _books.Orders[^1] with { Status = "needsAttention", UpdatedAt = Now.AddHours(-1) };

        var report = await CheckAsync();

        Assert.True(report.Holds);
        Assert.Equal(["30"], report.NeedsAttention);
    }

    [Fact]
    public async Task Money_that_is_held_for_an_order_under_way_is_no_violation()
    {
        Hold(_books, 300);
        _books.Payments.Add(new(30, 7, "authorized", new(300, "EUR"), 0));

        Assert.True((await CheckAsync()).Holds);
    }

    private static void Hold(Books books, long amount)
    {
        books.Accounts[0] = new(7, 9300 - amount, amount, 9300 - amount, amount);
        books.Ledger = books.Ledger! with { Wallets = 9300 - amount, Held = amount };
    }

    private Task<InvariantReport> CheckAsync() =>
        new InvariantChecker(_books, Options.Create(new InvariantOptions()), new Support.ManualTimeProvider(Now)).CheckAsync(CancellationToken.None);

    /// <summary>Sound books of one confirmed, one rejected, one cancelled and one pending order, to be spoiled.</summary>
    public sealed class Books : IFacts
    {
        public List<OrderFact> Orders { get; } =
        [
            new(10, "confirmed", "saga", new(800, "EUR"), [new("umbrella", 2), new("tent", 1)], "7/a", Now, 3, 1, 0),
            new(20, "rejected", "saga", new(800, "EUR"), [new("umbrella", 1)], "7/b", Now, 3, 0, 0),
            new(25, "cancelled", "saga", new(800, "EUR"), [new("umbrella", 1)], "7/c", Now, 3, 1, 1),
            new(30, "pending", "saga", new(800, "EUR"), [new("umbrella", 3)], "7/d", Now, 1, 0, 0),
        ];

        public List<ReservationFact> Reservations { get; } =
        [
            new(10, "sold", [new("tent", 1), new("umbrella", 2)]),
            new(20, "released", [new("umbrella", 1)]),
            new(30, "held", [new("umbrella", 3)]),
        ];

        public List<StockFact> Stock { get; } = [new("umbrella", 95, 3, 2, 100), new("tent", 9, 0, 1, 10)];

        public List<PaymentFact> Payments { get; } =
            [new(10, 7, "captured", new(800, "EUR")), new(25, 7, "refunded", new(500, "EUR"))];

        public List<AccountFact> Accounts { get; } = [new(7, 9300, 0, 9300, 0)];

        public LedgerFact? Ledger { get; set; } = new(0, 0, 9300, 0, 1300, 500, 10000, 100);

        internal List<DuplicateKey> Duplicates { get; } = [];

        /// <summary>What an order looks like when it is looked up again, where that differs.</summary>
        public Dictionary<long, OrderFact> Current { get; } = [];

        IAsyncEnumerable<OrderFact> IFacts.OrdersAsync(CancellationToken cancellationToken) => Orders.ToAsyncEnumerable();

        IAsyncEnumerable<InventoryFact> IFacts.InventoryAsync(CancellationToken cancellationToken) => Reservations
            .OrderBy(r => r.OrderId).Select(r => new InventoryFact(r, null)).Concat(Stock.Select(s => new InventoryFact(null, s))).ToAsyncEnumerable();

        IAsyncEnumerable<PaymentsFact> IFacts.PaymentsAsync(CancellationToken cancellationToken) => Payments
            .OrderBy(p => p.OrderId).Select(p => new PaymentsFact(p, null, null))
            .Concat(Accounts.Select(a => new PaymentsFact(null, a, null)))
            .Concat(Ledger is null ? [] : [new PaymentsFact(null, null, Ledger)])
            .ToAsyncEnumerable();

        IAsyncEnumerable<DuplicateKey> IFacts.DuplicateKeysAsync(CancellationToken cancellationToken) => Duplicates.ToAsyncEnumerable();

        IAsyncEnumerable<DeadLetterFact> IFacts.DeadLettersAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<DeadLetterFact>();

        Task<OrderFact?> IFacts.OrderAsync(long orderId, CancellationToken cancellationToken) =>
            Task.FromResult(Current.GetValueOrDefault(orderId) ?? Orders.Find(o => o.OrderId == orderId));

        Task<ReservationFact?> IFacts.ReservationAsync(long orderId, CancellationToken cancellationToken) =>
            Task.FromResult(Reservations.Find(r => r.OrderId == orderId));

        Task<PaymentFact?> IFacts.PaymentAsync(long orderId, CancellationToken cancellationToken) =>
            Task.FromResult(Payments.Find(p => p.OrderId == orderId));
    }
}
