using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.Lab.Protocols;

namespace Shop.Benchmarks.Rows;

/// <summary>The four checkouts, end to end, beside the same SQL without anybody who keeps it together.</summary>
internal sealed class Protocols(TimeProvider clock) : IBenchmark
{
    public string Name => "protocols";

    public string Question => "Orders confirmed by each protocol, against each other, pgbench with an order's local transactions and no manager, and pgbench with PREPARE TRANSACTION. How long xa's prepared branches lock their rows.";

    public TimeSpan Round => TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken);
        var sql = await SqlRival.CreateAsync(shop.Cluster, "bench_protocols", "order-check.sql", cancellationToken);
        await using var prepared = await PreparedWatch.StartAsync(shop.Cluster, cancellationToken);
        var buyers = ProtocolsOptions.Protocols
            .Select(protocol => (Protocol: protocol, Buyers: shop.Open(bench.Options.Callers, checkout: protocol)))
            .ToList();
        try
        {
            return await new Referee(bench, clock).RunAsync(
                new Contest(
                    $"{shop.Articles:N0} articles",
                    "orders",
                    [
                        .. buyers.Select(entry => new Contender(entry.Protocol, entry.Buyers.AsFastAsTheyCanAsync)
                        {
                            SettlesAfter = OrderingShop.SettlesAfter,
                            VerifyAsync = shop.VerifyAsync,
                            CountersAsync = CountersAsync,
                        }),
                    ])
                {
                    Limit = sql.Contender("pgbench, local transactions", "order.pgbench", shop.Articles),
                    Rivals = [sql.Contender("pgbench, PREPARE TRANSACTION", "order-2pc.pgbench", shop.Articles, simple: true)],
                },
                cancellationToken);
        }
        finally
        {
            buyers.ForEach(entry => entry.Buyers.Dispose());
        }

        async Task<IReadOnlyDictionary<string, double>> CountersAsync(CancellationToken token) => new Dictionary<string, double>(await shop.CountersAsync(token))
        {
            ["ms prepared, all branches"] = prepared.TransactionMilliseconds,
        };
    }
}
