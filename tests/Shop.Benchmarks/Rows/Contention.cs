using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;

namespace Shop.Benchmarks.Rows;

/// <summary>One article, and more and more callers who want it.</summary>
internal sealed class Contention(TimeProvider clock) : IBenchmark
{
    private static readonly int[] Callers = [1, 4, 16, 64, 256];
    private static readonly int[] SmokeCallers = [8];

    public string Name => "contention";

    public string Question => "Reservations on one article by 1 to 256 callers, against pgbench with as many clients, 128 at most.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var (cluster, _) = await Reservations.ClusterAsync(bench, clock, cancellationToken);
        var sql = await SqlRival.CreateAsync(cluster, "bench_contention", "reserve-check.sql", cancellationToken);
        var figures = new List<Figure>();
        foreach (var callers in bench.Sized(Callers, SmokeCallers))
        {
            using var shop = new Reservations(cluster, clock, callers, 1, _ => Shelves.Sku(0));
            figures.AddRange(await new Referee(bench, clock).RunAsync(
                new Contest($"{callers} {(callers == 1 ? "caller" : "callers")}", "reservations", [shop.Contender("shop") with { Point = new PlotPoint("callers", callers, "shop") }])
                {
                    Limit = sql.Contender("pgbench, one statement", "reserve.pgbench", 1, callers),
                    Rivals = [sql.Contender("pgbench, SELECT FOR UPDATE", "reserve-for-update.pgbench", 1, callers)],
                },
                cancellationToken));
        }

        return figures;
    }
}
