using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Faults;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rows;

/// <summary>What each guard costs: the shop without it, while no fault comes that it would be needed for.</summary>
/// <remarks>Idempotency cannot be switched while the shop runs: it has a cluster of its own, and what it reaches of the limit is to be compared.</remarks>
internal sealed class Guards(TimeProvider clock) : IBenchmark
{
    private const string AllOn = "all on";
    private const string Apart = nameof(GuardOptions.Idempotency);

    public string Name => "guards";

    public string Question => "Orders confirmed with one guard off at a time, against all on and pgbench in the same rounds. Idempotency, which is no live setting, has rounds of its own.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        // That the switches work has a test of its own: a smoke test takes the cluster that is there, which has all guards on for good.
        if (bench.Options.Smoke)
        {
            return await CompeteAsync(bench, options => options, null, cancellationToken);
        }

        return
        [
            .. await CompeteAsync(bench, options => InLab(options), GuardOptions.Live, cancellationToken),
            .. await CompeteAsync(bench, options => InLab(options, ($"{GuardOptions.Section}:{Apart}", "false")), null, cancellationToken, Without(Apart)),
        ];
    }

    private async Task<IReadOnlyList<Figure>> CompeteAsync(
        Workbench bench,
        Func<ClusterOptions, ClusterOptions> change,
        IReadOnlyList<string>? switched,
        CancellationToken cancellationToken,
        string name = AllOn)
    {
        using var shop = await OrderingShop.OpenAsync(bench, cancellationToken, change);
        using var guards = switched is null ? null : new GuardSwitches(shop, switched);
        using var buyers = shop.Open(bench.Options.Callers);
        var sql = await SqlRival.CreateAsync(shop.Cluster, "bench_guards", "order-check.sql", cancellationToken);
        var figures = await new Referee(bench, clock).RunAsync(
            new Contest(
                switched is null ? $"guards: {name}" : "guards",
                "orders",
                [ContenderOf(name, off: null), .. (switched ?? []).Select(guard => ContenderOf(Without(guard), guard))])
            {
                Limit = sql.Contender("pgbench", "order.pgbench", shop.Articles),
            },
            cancellationToken);

        // The others are no rivals of each other.
        return [.. figures.Select(figure => figure with { Rivals = figure.Rivals.Where(rival => rival.Key == AllOn).ToDictionary() })];

        Contender ContenderOf(string contender, string? off) => new(contender, buyers.AsFastAsTheyCanAsync)
        {
            PrepareAsync = guards is null ? null : (_, token) => guards.OnlyOffAsync(off, token),
            SettlesAfter = off is null ? OrderingShop.SettlesAfter : 1,
            VerifyAsync = shop.VerifyAsync,
            CountersAsync = shop.CountersAsync,
        };
    }

    private static string Without(string guard) => $"without {guard}";

    // The Production environment starts with all guards on or not at all.
    private static ClusterOptions InLab(ClusterOptions options, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(options.AppSettings) { ["ASPNETCORE_ENVIRONMENT"] = "Lab" };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return options with { AppSettings = all };
    }
}
