using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;

namespace Shop.Benchmarks.Rows;

/// <summary>Everybody wants the same article.</summary>
internal sealed class HotSku(TimeProvider clock) : IBenchmark
{
    private const int Callers = 32;
    private const int BatchCallers = 4;
    private const int Batch = 64;
    private const int Buckets = 16;

    public string Name => "hot-sku";

    public string Question => "Reservations on one article, against pgbench on one row and on 16 rows that share the stock, and a Redis script with fsync.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var (cluster, _) = await Reservations.ClusterAsync(bench, clock, cancellationToken);
        var sql = await SqlRival.CreateAsync(cluster, "bench_hot", "reserve-check.sql", cancellationToken);
        using var single = new Reservations(cluster, clock, Callers, 1, _ => Shelves.Sku(0));
        using var batches = new Reservations(cluster, clock, BatchCallers, Batch, _ => Shelves.Sku(0));
        return await new Referee(bench, clock).RunAsync(
            new Contest("one article", "reservations", [single.Contender("shop, 32 callers"), batches.Contender("shop, 4 callers of 64 commands")])
            {
                Limit = sql.Contender("pgbench, one statement", "reserve.pgbench", 1),
                Rivals =
                [
                    sql.Contender("pgbench, SELECT FOR UPDATE", "reserve-for-update.pgbench", 1, Callers),
                    sql.Contender("pgbench, conditional UPDATE", "reserve-conditional.pgbench", 1, Callers),
                    sql.Contender("pgbench, 16 buckets", "reserve.pgbench", Buckets, Callers),
                    await RedisBench.ReserveAsync(cluster, Callers, cancellationToken),
                ],
            },
            cancellationToken);
    }
}
