using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when the superuser gets an answer to a query.</summary>
internal sealed record PostgresProbe(string Psql, int Port, string Password) : Probe
{
    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        await using (await Loopback.ConnectAsync(Port, cancellationToken))
        {
            // Cheaper than to start a program in vain.
        }

        var (exitCode, output) = await CommandLine.TryAsync(
            [Psql, .. Arguments(Port), "-c", "select pg_is_in_recovery()"], Environment(Password), null, cancellationToken);
        return exitCode == 0
            ? ProbeResult.Ready with { Role = output.Trim() == "f" ? "primary" : "standby" }
            : ProbeResult.NotReady(CommandLine.LastLine(output));
    }

    public static string[] Arguments(int port) =>
        ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", $"{port}", "-U", "postgres", "-d", "postgres"];

    public static Dictionary<string, string> Environment(string password) => new() { ["PGPASSWORD"] = password, ["PGCONNECT_TIMEOUT"] = "2" };
}
