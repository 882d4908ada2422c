using System.Globalization;
using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster;

namespace Shop.Benchmarks.Rivals;

/// <summary>A database of the tables that an order needs, and what pgbench does with them in one script or another.</summary>
internal sealed class SqlRival
{
    /// <summary>Clients of pgbench where a row does not ask for another number: more than two cores can serve, and few enough not to be in each other's way.</summary>
    public const int Clients = 8;

    // The superuser keeps three, and the services have theirs.
    private const int MostClients = 128;

    private readonly Pgbench _pgbench;
    private readonly string _check;
    private long _checked;

    private SqlRival(Pgbench pgbench, string check) => (_pgbench, _check) = (pgbench, check);

    /// <param name="check">A script whose answer is numbers that must all be equal, and the first of them grows with each transaction.</param>
    public static async Task<SqlRival> CreateAsync(ShopCluster cluster, string database, string check, CancellationToken cancellationToken, string schema = "order-schema.sql")
    {
        var pgbench = new Pgbench(cluster, database);
        await pgbench.CreateAsync(schema, cancellationToken);
        return new SqlRival(pgbench, check);
    }

    public Contender Contender(string name, string script, int articles, int clients = Clients, bool simple = false) => new(
        name,
        (duration, cancellationToken) => _pgbench.RunAsync(script, Math.Min(clients, MostClients), duration, simple, cancellationToken, ("skus", $"{articles}")))
    {
        SettlesAfter = 0,
        VerifyAsync = VerifyAsync,
    };

    public async Task<string?> VerifyAsync(Sample sample, CancellationToken cancellationToken)
    {
        var counts = (await _pgbench.AskAsync(Pgbench.Script(_check), cancellationToken)).Split(' ')
            .Select(number => (long)decimal.Parse(number, CultureInfo.InvariantCulture)).ToList();
        var done = counts[0] - _checked;
        _checked = counts[0];
        return counts.Distinct().Count() == 1 && done >= sample.Operations ? null : $"the books of the rival do not add up: {string.Join(", ", counts)}";
    }
}
