using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;

namespace Shop.Benchmarks.Rows;

/// <summary>Orders that are taken in, durably, with their first command in the outbox. What becomes of them goes on meanwhile, on the same cores.</summary>
internal sealed class OrderCreate(TimeProvider clock) : IBenchmark
{
    public string Name => "order-create";

    public string Question => "Orders acknowledged with 202, through load balancer and gateway, against pgbench inserting one row and committing.";

    public TimeSpan Round => TimeSpan.FromSeconds(3);

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken);
        var sql = await SqlRival.CreateAsync(shop.Cluster, "bench_create", "order-insert-check.sql", cancellationToken);
        using var buyers = shop.Open(bench.Options.Callers, waits: false);
        return await new Referee(bench, clock).RunAsync(
            new Contest("acknowledged", "orders", [new Contender("shop", buyers.AsFastAsTheyCanAsync) { SettlesAfter = OrderingShop.SettlesAfter, VerifyAsync = shop.VerifyAsync, CountersAsync = shop.CountersAsync }])
            {
                Limit = sql.Contender("pgbench, one INSERT", "order-insert.pgbench", shop.Articles),
            },
            cancellationToken);
    }
}
