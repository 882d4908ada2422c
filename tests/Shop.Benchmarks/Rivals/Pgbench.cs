using System.Globalization;
using System.Text.RegularExpressions;
using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.Benchmarks.Rivals;

/// <summary>PostgreSQL's own load generator, on the cluster's server with all of its durable settings, in a database of its own.</summary>
internal sealed partial class Pgbench(ShopCluster cluster, string database)
{
    // Seconds. Who has done nothing for so long will not do better.
    private const int LongestAttempt = 15;

    private readonly Binaries _binaries = new();
    private readonly Dictionary<string, string> _environment = PostgresProbe.Environment(cluster.Secrets.PostgresSuperuser);

    /// <summary>Makes the database anew, with the tables of a script.</summary>
    public async Task CreateAsync(string schema, CancellationToken cancellationToken)
    {
        await CreateEmptyAsync(cancellationToken);
        await SqlAsync(database, Script(schema), cancellationToken);
    }

    /// <summary>Makes the database anew, without tables.</summary>
    public async Task CreateEmptyAsync(CancellationToken cancellationToken)
    {
        await SqlAsync("postgres", $"DROP DATABASE IF EXISTS {database} WITH (FORCE);", cancellationToken);
        await SqlAsync("postgres", $"CREATE DATABASE {database};", cancellationToken);
    }

    /// <summary>The answer to a query, or to the query in a script, without spaces around it.</summary>
    public Task<string> AskAsync(string query, CancellationToken cancellationToken) => SqlAsync(database, query, cancellationToken);

    /// <summary>Runs a script as often as the clients can.</summary>
    /// <param name="simple">Sends each statement as text: names of prepared transactions can be made in no other way.</param>
    /// <param name="variables">What the script calls by a colon and a name.</param>
    public async Task<Sample> RunAsync(
        string script, int clients, TimeSpan duration, bool simple, CancellationToken cancellationToken, params (string Name, string Value)[] variables)
    {
        var file = Path.Combine(cluster.Directory.Path, "run", script);
        await File.WriteAllTextAsync(file, Script(script), cancellationToken);
        var ports = cluster.Connections.Ports;
        string[] Command(int seconds) =>
        [
            _binaries.Pgbench, "-n", "-M", simple ? "simple" : "prepared", "-c", $"{clients}", "-j", "2", "-T", $"{seconds}", "-f", file,
            "-h", "127.0.0.1", "-p", $"{ports.Postgres}", "-U", "postgres",
            .. variables.SelectMany(variable => new[] { "-D", $"{variable.Name}={variable.Value}" }),
            database,
        ];

        // Its clock runs while its clients connect: on a busy machine a short time can be over before the first transaction.
        for (var seconds = Math.Max(1, (int)duration.TotalSeconds); ; seconds *= 2)
        {
            var output = await CommandLine.RunAsync(Command(seconds), cancellationToken, _environment);
            var processed = Number(Processed().Match(output));
            if (processed > 0)
            {
                return new Sample((long)processed, TimeSpan.FromSeconds(processed / Number(Rate().Match(output))));
            }

            if (seconds > LongestAttempt)
            {
                throw new BenchException($"pgbench has done nothing in {seconds} s: {script}");
            }
        }
    }

    public static string Script(string name)
    {
        using var reader = new StreamReader(typeof(Pgbench).Assembly.GetManifestResourceStream($"Shop.Benchmarks.Rivals.Scripts.{name}")!);
        return reader.ReadToEnd();
    }

    private async Task<string> SqlAsync(string target, string sql, CancellationToken cancellationToken)
    {
        var arguments = PostgresProbe.Arguments(cluster.Connections.Ports.Postgres);
        arguments[^1] = target;
        return (await CommandLine.RunAsync([_binaries.Psql, .. arguments], cancellationToken, _environment, sql)).Trim();
    }

    private static double Number(Match match) => match.Success
        ? double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
        : throw new BenchException("pgbench did not say what it has done");

    [GeneratedRegex(@"number of transactions actually processed: (\d+)")]
    private static partial Regex Processed();

    [GeneratedRegex(@"tps = ([\d.]+)")]
    private static partial Regex Rate();
}
