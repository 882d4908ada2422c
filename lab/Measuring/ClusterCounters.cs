using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Measuring;

/// <summary>What the databases and the services have done so far, or between two looks.</summary>
/// <param name="Statements">As PostgreSQL counts them, without those that begin and end a transaction.</param>
/// <param name="WalBytes">What PostgreSQL wrote to its log, for all of its databases.</param>
internal sealed record ClusterCounters(
    double Statements, double Commits, double WalBytes, double Envelopes, double Messages, double Calls, double Commands)
{
    public static readonly ClusterCounters None = new(0, 0, 0, 0, 0, 0, 0);

    private const string Query = """
        SELECT (SELECT coalesce(sum(s.calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
                WHERE d.datname IN ('ordering', 'inventory', 'payments') AND s.query !~* '^(begin|commit|rollback|discard|set|show)'),
               (SELECT sum(xact_commit) FROM pg_stat_database WHERE datname IN ('ordering', 'inventory', 'payments')),
               pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0');
        """;

    public ClusterCounters Minus(ClusterCounters other, double times = 1) => new(
        Statements - (other.Statements * times),
        Commits - (other.Commits * times),
        WalBytes - (other.WalBytes * times),
        Envelopes - (other.Envelopes * times),
        Messages - (other.Messages * times),
        Calls - (other.Calls * times),
        Commands - (other.Commands * times));

    public static async Task<ClusterCounters> ReadAsync(ShopCluster cluster, HttpClient http, CancellationToken cancellationToken)
    {
        var ports = cluster.Connections.Ports;
        var output = await CommandLine.RunAsync(
            [new Binaries().Psql, .. PostgresProbe.Arguments(ports.Postgres), "-F", " ", "-c", Query],
            cancellationToken,
            PostgresProbe.Environment(cluster.Secrets.PostgresSuperuser));
        var numbers = output.Trim().Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToList();
        var counters = None with { Statements = numbers[0], Commits = numbers[1], WalBytes = numbers[2] };
        foreach (var port in Enumerable.Range(1, cluster.Options.Replicas).SelectMany(replica => new[] { ports.Ordering(replica), ports.Inventory(replica), ports.Payments(replica) }))
        {
            var traffic = (await http.GetFromJsonAsync<JsonObject>(new Uri($"http://127.0.0.1:{port}/ops/traffic"), cancellationToken))!;
            counters = counters with
            {
                Envelopes = counters.Envelopes + traffic["envelopesSent"]!.GetValue<long>(),
                Messages = counters.Messages + traffic["messagesSent"]!.GetValue<long>(),
                Calls = counters.Calls + traffic["callsReceived"]!.GetValue<long>(),
                Commands = counters.Commands + traffic["commandsReceived"]!.GetValue<long>(),
            };
        }

        return counters;
    }
}
