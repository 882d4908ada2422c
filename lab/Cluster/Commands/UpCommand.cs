using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Shop.Lab.Cluster.Commands;

/// <summary><c>cluster up</c>: build, start, and return when everything is healthy.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var directory = ClusterCommand.Directory();
        var port = Number("--port", "Port of nginx; the other processes use the next 99.", ClusterOptions.DefaultPort);
        var replicas = Number("--replicas", "Processes of each service.", 2);
        var gateways = Number("--gateways", "Gateways behind nginx.", 2);
        var locks = Number("--lock-nodes", "Independent Redis servers for locks, 3 or 5.", ClusterOptions.MinLockNodes);
        var sessions = new Option<ClusterSessions>("--sessions")
        {
            Description = "Where sessions live: sticky (one gateway), replicated (all gateways) or central (Redis).",
            DefaultValueFactory = _ => ClusterSessions.Central,
        };
        var settings = SettingOption.Create();
        var serversOnly = new Option<bool>("--servers-only") { Description = "Start the servers and none of the applications." };
        var links = new Option<bool>("--links") { Description = "Put a link, which can be cut and delayed, between every two processes that talk; takes more ports." };
        var noBuild = new Option<bool>("--no-build") { Description = "Take the applications as they were built last." };
        var reset = new Option<bool>("--reset") { Description = "Delete all data and secrets first." };

        var command = new Command("up", "Build and start everything; return when it is healthy.")
        {
            port, replicas, gateways, locks, sessions, settings, serversOnly, links, noBuild, reset, directory,
        };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(() => RunAsync(
            new ClusterOptions
            {
                Port = arguments.GetRequiredValue(port),
                Replicas = arguments.GetRequiredValue(replicas),
                Gateways = arguments.GetRequiredValue(gateways),
                LockNodes = arguments.GetRequiredValue(locks),
                Sessions = arguments.GetRequiredValue(sessions),
                AppSettings = arguments.Settings(settings),
                Parts = (arguments.GetRequiredValue(serversOnly) ? ClusterParts.Servers : ClusterParts.All)
                    | (arguments.GetRequiredValue(links) ? ClusterParts.Links : ClusterParts.None),
            },
            new UpRequest
            {
                Directory = arguments.GetValue(directory),
                Build = !arguments.GetRequiredValue(noBuild),
                Reset = arguments.GetRequiredValue(reset),
            },
            cancellationToken)));
        return command;
    }

    private static async Task<int> RunAsync(ClusterOptions options, UpRequest request, CancellationToken cancellationToken)
    {
        // Here and not only by System.CommandLine, which listens when the command is under way already; and a closed terminal, to which it
        // does not listen, leaves nothing behind either.
        // Never disposed: a handler may still come when the command is over.
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

        var began = Stopwatch.GetTimestamp();
        var cluster = await new ProgressPrinter(options).RunAsync(
            report => ShopCluster.UpAsync(options, request with { Progress = report }, stopping.Token));
        Console.WriteLine($"""

            Everything is healthy after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.

              Shop      {cluster.Connections.Public.AbsoluteUri.TrimEnd('/')}
              Data      {cluster.Directory.Path}
              Operator  {cluster.Directory.OperatorKeyFile}

            """);
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static Option<int> Number(string name, string description, int defaultValue) =>
        new(name) { Description = description, DefaultValueFactory = _ => defaultValue };
}
