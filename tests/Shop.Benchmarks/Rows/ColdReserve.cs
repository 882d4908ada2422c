using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;

namespace Shop.Benchmarks.Rows;

/// <summary>Reservations on many articles: one command in each call, and as many as a coordinator puts into one.</summary>
internal sealed class ColdReserve(TimeProvider clock) : IBenchmark
{
    private const int Callers = 32;
    private const int BatchCallers = 8;
    private const int Batch = 64;

    public string Name => "cold-reserve";

    public string Question => "Reservations on 1,000 articles by inventory's own code, with record and reservation, against pgbench: one statement, and SELECT FOR UPDATE.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var (cluster, articles) = await Reservations.ClusterAsync(bench, clock, cancellationToken);
        var sql = await SqlRival.CreateAsync(cluster, "bench_cold", "reserve-check.sql", cancellationToken);
        using var single = new Reservations(cluster, clock, Callers, 1, random => Shelves.Any(random, articles));
        using var batches = new Reservations(cluster, clock, BatchCallers, Batch, random => Shelves.Any(random, articles));
        return await new Referee(bench, clock).RunAsync(
            new Contest($"{articles:N0} articles", "reservations", [single.Contender("shop, 32 callers"), batches.Contender("shop, 8 callers of 64 commands")])
            {
                Limit = sql.Contender("pgbench, one statement", "reserve.pgbench", articles),
                Rivals = [sql.Contender("pgbench, SELECT FOR UPDATE", "reserve-for-update.pgbench", articles)],
            },
            cancellationToken);
    }
}
