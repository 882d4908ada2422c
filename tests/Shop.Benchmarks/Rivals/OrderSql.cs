using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rivals;

/// <summary>The limit of a checkout: pgbench with one order's own SQL, six writes in four commits, eight clients.</summary>
internal sealed class OrderSql
{
    private const int Clients = 8;

    private readonly Pgbench _pgbench;
    private long _checked;

    private OrderSql(Pgbench pgbench) => _pgbench = pgbench;

    public static async Task<OrderSql> CreateAsync(ShopCluster cluster, string database, CancellationToken cancellationToken)
    {
        var pgbench = new Pgbench(cluster, database);
        await pgbench.CreateAsync("order-schema.sql", cancellationToken);
        return new OrderSql(pgbench);
    }

    public Contender Contender(string name, int articles) => new(
        name, (duration, cancellationToken) => _pgbench.RunAsync("order.pgbench", Clients, duration, cancellationToken, ("skus", $"{articles}")))
    {
        VerifyAsync = VerifyAsync,
    };

    // Everything five times, in five tables: as many orders as reservations, pieces, payments and hundreds of cents.
    private async Task<string?> VerifyAsync(Sample sample, CancellationToken cancellationToken)
    {
        var counts = (await _pgbench.AskAsync(Pgbench.Script("order-check.sql"), cancellationToken)).Split(' ')
            .Select(number => (long)decimal.Parse(number, CultureInfo.InvariantCulture)).ToList();
        var done = counts[0] - _checked;
        _checked = counts[0];
        return counts.Distinct().Count() == 1 && done >= sample.Operations ? null : $"the books of pgbench do not add up: {string.Join(", ", counts)}";
    }
}
