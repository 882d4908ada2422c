using Shop.Contracts;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Cluster.Servers;

/// <summary>One PostgreSQL server with a database and a user for each service; no user can open another one's database.</summary>
internal static class PostgresServer
{
    public const string Name = "postgres";

    // The operating system's limit for the path of a socket, with the name that PostgreSQL adds.
    private const int MaxSocketPath = 107;

    private static readonly string[] Databases = [ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments];

    public static ProcessSpec Create(ClusterDirectory directory, PortPlan ports, ClusterSecrets secrets, Binaries binaries)
    {
        var own = directory.Of(Name);
        var data = Path.Combine(own, "data");
        var socket = $"{own}/.s.PGSQL.{ports.Postgres}".Length <= MaxSocketPath ? own : "";
        return new ProcessSpec
        {
            Name = Name,
            Part = ClusterParts.Postgres,
            Command =
            [
                binaries.Postgres, "-D", data, "-p", $"{ports.Postgres}",
                .. Settings(socket).SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" }),
            ],
            Ports = [new PortUse("postgresql", ports.Postgres)],
            Directory = own,
            RunAs = "postgres",
            StopSignal = Signal.Interrupt, // "fast": ends the sessions; SIGTERM would wait for the clients
            StopPatience = TimeSpan.FromSeconds(60), // to write what is in memory only; killed, it would have to recover at the next start
            Readiness = new PostgresProbe(binaries.Psql, ports.Postgres, secrets.PostgresSuperuser),
            Prepare = cancellationToken => InitialiseAsync(own, data, secrets, binaries, cancellationToken),
            Provision = cancellationToken => ProvisionAsync(ports.Postgres, secrets, binaries, cancellationToken),
        };
    }

    private static Dictionary<string, string> Settings(string socketDirectory) => new()
    {
        ["listen_addresses"] = "127.0.0.1",
        ["unix_socket_directories"] = socketDirectory,
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["max_prepared_transactions"] = "200", // the xa checkout
        ["shared_preload_libraries"] = "pg_stat_statements", // what an order costs in statements
        ["max_connections"] = "300",
        ["shared_buffers"] = "1GB", // taken as it is used; millions of orders and their indexes stay in it
        ["max_wal_size"] = "4GB", // checkpoints by time and not by load: each makes the next change of every page write the whole page. The price is a longer recovery
        ["wal_compression"] = "lz4", // of those whole pages
        ["random_page_cost"] = "1.1", // no disk that has to turn
        ["password_encryption"] = "scram-sha-256",
        ["log_line_prefix"] = "%m [%p] %q%u@%d ",
    };

    // Into another directory and then renamed: a first start that was interrupted leaves nothing that looks complete.
    private static async Task InitialiseAsync(string own, string data, ClusterSecrets secrets, Binaries binaries, CancellationToken cancellationToken)
    {
        if (Directory.Exists(data))
        {
            return;
        }

        var fresh = $"{data}.new";
        var password = Path.Combine(own, "password");
        if (Directory.Exists(fresh))
        {
            Directory.Delete(fresh, recursive: true);
        }

        ClusterDirectory.WriteText(password, secrets.PostgresSuperuser);
        await RunAs.OwnAsync("postgres", own, cancellationToken);
        string[] initdb =
        [
            binaries.Initdb, "-D", fresh, "--username=postgres", $"--pwfile={password}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
        ];
        await CommandLine.RunAsync(await RunAs.WrapAsync("postgres", own, initdb, cancellationToken), cancellationToken);
        File.Delete(password);
        Directory.Move(fresh, data);
    }

    private static Task ProvisionAsync(int port, ClusterSecrets secrets, Binaries binaries, CancellationToken cancellationToken) => CommandLine.RunAsync(
        [binaries.Psql, .. PostgresProbe.Arguments(port)],
        cancellationToken,
        PostgresProbe.Environment(secrets.PostgresSuperuser),
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;\n" + string.Concat(Databases.Select(service => Script(service, secrets.Database[service]))));

    // The passwords are hexadecimal: nothing in them ends a literal.
    private static string Script(string service, string password) => $"""
        SELECT 'CREATE ROLE {service} LOGIN PASSWORD ''{password}''' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{service}') \gexec
        SELECT 'CREATE DATABASE {service} OWNER {service}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{service}') \gexec
        REVOKE ALL ON DATABASE {service} FROM PUBLIC;

        """;
}
