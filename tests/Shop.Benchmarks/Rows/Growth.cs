using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Rows;

/// <summary>Reading one order and a customer's newest, placing one and having it confirmed, in a shop with few orders and in one with many.</summary>
/// <remarks>Two clusters, so that the two are measured in turn: what a machine gives changes more in the minutes that it takes to write five million
/// orders than what is to be measured. While one is asked the other is idle; what that costs is the same for both.</remarks>
internal sealed class Growth(TimeProvider clock) : IBenchmark
{
    private const int Few = 10_000;
    private const int Many = 5_000_000;
    private const int SmokeMany = 2_000;

    public string Name => "growth";

    public string Question =>
        "One order by its id, a customer's newest twenty, an order taken in and an order confirmed, through the gateway, in a shop with 10,000 orders and in one with 5,000,000, in turn; the reads against pgbench with the same queries.";

    public async Task<IReadOnlyList<Figure>> RunAsync(Workbench bench, CancellationToken cancellationToken)
    {
        using var many = await GrownShop.OpenAsync(bench, bench.Sized(Many, SmokeMany), clock, cancellationToken);
        if (bench.Options.Smoke)
        {
            return await CompeteAsync(bench, many, many, cancellationToken); // one cluster is enough to see that it works
        }

        await using var beside = bench.Beside();
        using var few = await GrownShop.OpenAsync(beside, Few, clock, cancellationToken);
        return await CompeteAsync(bench, few, many, cancellationToken);
    }

    private async Task<IReadOnlyList<Figure>> CompeteAsync(Workbench bench, GrownShop few, GrownShop many, CancellationToken cancellationToken)
    {
        var callers = bench.Options.Callers;
        return
        [
            .. await CompeteAsync("one order", (shop, name) => shop.OneOrder(name), "get-order.pgbench"),
            .. await CompeteAsync("newest twenty", (shop, name) => shop.NewestTwenty(name), "list-orders.pgbench"),
            .. await CompeteAsync("order taken in", (shop, name) => shop.Buyers(name, callers, waits: false), null),
            .. await CompeteAsync("checkout", (shop, name) => shop.Buyers(name, callers, waits: true), null),
        ];

        async Task<IEnumerable<Figure>> CompeteAsync(string what, Func<GrownShop, string, Contender> open, string? script)
        {
            var figures = await new Referee(bench, clock).RunAsync(
                new Contest(what, "requests", [Ours(few, Few), Ours(many, Many)])
                {
                    Rivals = script is null ? [] : [few.Sql(Pgbench(Few), script), many.Sql(Pgbench(Many), script)],
                },
                cancellationToken);
            return script is null ? figures : figures.Select(AgainstItsOwnQueries);

            Contender Ours(GrownShop shop, int size) => open(shop, Among(size)) with { Point = new PlotPoint("orders", size, what) };
        }
    }

    // pgbench among as many orders is the limit; among more or fewer it is nothing to compare with.
    private static Figure AgainstItsOwnQueries(Figure figure)
    {
        var limit = Pgbench((int)figure.Point!.X);
        return figure with
        {
            Limit = figure.Rivals[limit],
            LimitName = limit,
            RatioToLimit = figure.Rate / figure.Rivals[limit],
            Rivals = figure.Rivals.Where(rival => rival.Key != Pgbench(Few) && rival.Key != Pgbench(Many)).ToDictionary(),
        };
    }

    private static string Among(int size) => string.Create(CultureInfo.InvariantCulture, $"among {size:N0}");

    private static string Pgbench(int size) => $"pgbench, {Among(size)}";
}
