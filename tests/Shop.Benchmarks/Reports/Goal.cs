using Shop.Benchmarks.Frame;

namespace Shop.Benchmarks.Reports;

/// <summary>What a figure is to be, on a machine of two cores with all guards on and durable settings.</summary>
/// <param name="What">Of which figures of the row, in words.</param>
/// <param name="Most">Whether it is the most that it may be, and not the least that it must be.</param>
/// <param name="Of">The measured value; null where its figures are missing.</param>
internal sealed record Goal(string Row, string What, double Wanted, bool Most, Func<IReadOnlyList<Figure>, double?> Of)
{
    private const string Capacity = "capacity, 1,000 articles";
    private const string OneArticle = "capacity, one article";

    public static readonly IReadOnlyList<Goal> All =
    [
        AtLeast("checkout", "orders confirmed, of pgbench", 1, figures => Named(figures, Capacity)?.RatioToLimit),
        AtLeast("checkout", "orders confirmed, of MassTransit's idiom", 5, figures => Times(Named(figures, Capacity), "MassTransit")),
        AtLeast("checkout", "all orders on one article, of 1,000 articles", 0.9, figures => Named(figures, OneArticle)?.Rate / Named(figures, Capacity)?.Rate),
        AtMost("checkout", "ms to the acknowledgement at half of the capacity, p99", 50, figures => Named(figures, "acknowledgement at half")?.Percentile99),
        AtMost("checkout", "ms from the POST to confirmed at 50 orders/s, p50", 10, figures => Named(figures, "latency at 50")?.Median),
        AtMost("checkout", "ms from the POST to confirmed at 50 orders/s, p99", 30, figures => Named(figures, "latency at 50")?.Percentile99),
        AtLeast("hot-sku", "reservations on one article, of SELECT FOR UPDATE; the better of one and 64 commands in a call", 50, figures => figures.Max(figure => Times(figure, "pgbench, SELECT FOR UPDATE"))),
        AtLeast("relay", "messages relayed, of a bare publisher of the same envelopes; the better of rows with 1 and 8", 0.8, figures => figures.Where(figure => figure.Name.StartsWith("backlog", StringComparison.Ordinal)).Max(figure => figure.RatioToLimit)),
        AtLeast("consumer", "messages handled in batches, of one for each transaction", 5, figures => Times(Named(figures, "envelopes of 64"), "a transaction for each message")),
        AtLeast("protocols", "tcc, of saga", 0.5, figures => Times(Named(figures, "1,000 articles: tcc"), "saga")),
        AtLeast("protocols", "message, of saga", 0.9, figures => Times(Named(figures, "1,000 articles: message"), "saga")),
        AtLeast("gateway", "an open route, of nginx", 0.65, figures => Times(figures.FirstOrDefault(figure => figure.Name.EndsWith("open route", StringComparison.Ordinal)), "nginx")),
        AtLeast("gateway", "session, identity and limits, of nginx", 0.45, figures => Times(figures.FirstOrDefault(figure => figure.Name.EndsWith("limits", StringComparison.Ordinal)), "nginx")),
        AtLeast("ids", "ids each second, in bursts that use up no millisecond", 20_000_000, figures => figures.Max(figure => figure.Rate)),
        .. new[] { "one order", "newest twenty", "order taken in", "checkout" }.Select(operation =>
            AtLeast("growth", $"{operation} among the most orders, of the fewest", 0.9, figures => Grown(figures, operation))),
        AtLeast("overload", "orders confirmed at 3 times the capacity, of the most at any load", 0.8, figures => Named(figures, "3 x")?.Rate / figures.Max(figure => figure.Rate)),
        AtMost("overload", "ms until a refusal at 3 times the capacity, p99", 100, figures =>
            Named(figures, "3 x") is { } most && most.Others.Where(other => other.Key is "answered 429" or "answered 503").ToList() is { Count: > 0 } refused ? refused.Max(other => other.Value.P99) : null),
    ];

    public bool IsReached(double measured) => Most ? measured <= Wanted : measured >= Wanted;

    private static Goal AtLeast(string row, string what, double wanted, Func<IReadOnlyList<Figure>, double?> of) => new(row, what, wanted, Most: false, of);

    private static Goal AtMost(string row, string what, double wanted, Func<IReadOnlyList<Figure>, double?> of) => new(row, what, wanted, Most: true, of);

    private static Figure? Named(IReadOnlyList<Figure> figures, string start) => figures.FirstOrDefault(figure => figure.Name.StartsWith(start, StringComparison.Ordinal));

    private static double? Times(Figure? figure, string rival) =>
        figure?.Rate / figure?.Rivals.FirstOrDefault(entry => entry.Key.StartsWith(rival, StringComparison.Ordinal)).Value;

    private static double? Grown(IReadOnlyList<Figure> figures, string operation)
    {
        var sizes = figures.Where(figure => figure.Point?.Series == operation).OrderBy(figure => figure.Point!.X).ToList();
        return sizes.Count > 1 ? sizes[^1].Rate / sizes[0].Rate : null;
    }
}
