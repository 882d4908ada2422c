using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Faults;

namespace Shop.Benchmarks.Rows;

/// <summary>What each guard costs: the shop without it, while no fault comes that it would be needed for.</summary>
/// <remarks>Each is a cluster of its own, so that they cannot run in turn: compare what they reach of the limit, which runs in turn with each.</remarks>
internal sealed class Guards(TimeProvider clock) : IBenchmark
{
    private static readonly string[] Off =
    [
        nameof(GuardOptions.Dedupe), nameof(GuardOptions.Tombstones), nameof(GuardOptions.Idempotency), nameof(GuardOptions.Outbox),
        nameof(GuardOptions.Confirms), nameof(GuardOptions.Decisions), nameof(GuardOptions.Resend),
    ];

    // Each has a cluster of its own, and all are equally warm: to get each of them as warm as it can be would take a quarter of an hour.
    private const int WarmUps = 5;

    public string Name => "guards";

    public string Question => "Orders confirmed with one guard off at a time, and with all on, each against pgbench in the same rounds.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();

        // That the switches work has a test of its own, so that a smoke test takes the cluster that is there.
        foreach (var guard in bench.Sized<string?[]>([null, .. Off], [null]))
        {
            using var shop = await OrderingShop.OpenAsync(
                bench,
                cancellationToken,
                options => bench.Options.Smoke ? options : options with
                {
                    AppSettings = new Dictionary<string, string>(options.AppSettings)
                    {
                        // The Production environment starts with all guards on or not at all.
                        ["ASPNETCORE_ENVIRONMENT"] = "Lab",
                        [$"{GuardOptions.Section}:{guard ?? nameof(GuardOptions.Dedupe)}"] = guard is null ? "true" : "false",
                    },
                });
            var sql = await SqlRival.CreateAsync(shop.Cluster, "bench_guards", "order-check.sql", cancellationToken);
            using var buyers = shop.Open(bench.Options.Callers);
            figures.AddRange(await new Referee(bench, clock).RunAsync(
                new Contest(
                    guard is null ? "all guards on" : $"without {guard}",
                    "orders",
                    [new Contender("shop", buyers.AsFastAsTheyCanAsync) { SettlesAfter = OrderingShop.SettlesAfter, MostWarmUps = WarmUps, VerifyAsync = shop.VerifyAsync, CountersAsync = shop.CountersAsync }])
                {
                    Limit = sql.Contender("pgbench", "order.pgbench", shop.Articles),
                },
                cancellationToken));
        }

        return figures;
    }
}
