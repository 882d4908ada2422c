using System.Runtime.InteropServices;

namespace Shop.Lab.Cluster.Servers;

/// <summary>Where the servers' programs are on this machine.</summary>
internal sealed class Binaries
{
    public const string HowToGetThem = "tests/install-servers.sh, run as root, installs all servers on Debian";

    // A login shell of an ordinary user may lack the last three.
    private static readonly string[] SearchPath =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/local/bin", "/usr/sbin", "/usr/local/sbin"];

    public string Postgres { get; init; } = InPostgres("postgres");

    public string Initdb { get; init; } = InPostgres("initdb");

    public string Psql { get; init; } = InPostgres("psql");

    public string Pgbench { get; init; } = InPostgres("pgbench");

    public string Redis { get; init; } = InPath("redis-server");

    public string RedisBenchmark { get; init; } = InPath("redis-benchmark");

    // Not the one on the path: that one changes the user, and loses the variables that say where everything is.
    public string RabbitMq { get; init; } = FirstOf("rabbitmq-server", ["/usr/lib/rabbitmq/bin/rabbitmq-server"]);

    public string Epmd { get; init; } = InPath("epmd");

    public string Consul { get; init; } = InPath("consul");

    public string Nginx { get; init; } = InPath("nginx");

    public string HaProxy { get; init; } = InPath("haproxy");

    public string Dotnet { get; init; } =
        FirstOf("dotnet", [Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet")), .. SearchPath.Select(path => Path.Combine(path, "dotnet"))]);

    private static string InPath(string name) => FirstOf(name, SearchPath.Select(path => Path.Combine(path, name)));

    // Debian keeps several versions side by side, and none of them on the path: the newest one.
    private static string InPostgres(string name)
    {
        const string Versions = "/usr/lib/postgresql";
        IEnumerable<string> installed = Directory.Exists(Versions)
            ? Directory.EnumerateDirectories(Versions).OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0)
            : [];
        return FirstOf(name, [.. installed.Select(path => Path.Combine(path, "bin", name)), .. SearchPath.Select(path => Path.Combine(path, name))]);
    }

    // What is nowhere keeps its bare name: the model can be made without it, and a start says what is missing.
    private static string FirstOf(string name, IEnumerable<string> candidates) => candidates.FirstOrDefault(File.Exists) ?? name;
}
