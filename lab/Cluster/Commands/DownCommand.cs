using System.CommandLine;
using System.Diagnostics;

namespace Shop.Lab.Cluster.Commands;

/// <summary><c>cluster down</c>: end everything, whoever started it and however that command ended. Data stay.</summary>
internal static class DownCommand
{
    public static Command Create()
    {
        var directory = ClusterCommand.Directory();
        var command = new Command("down", "End every process; data and secrets stay.") { directory };

        // Not to be interrupted: half a cluster is what it is there to end.
        command.SetAction((arguments, _) => ClusterCommand.RunAsync(async () =>
        {
            var began = Stopwatch.GetTimestamp();
            var cluster = ShopCluster.Open(arguments.GetValue(directory));
            await new ProgressPrinter(cluster.Options).RunAsync(async report =>
            {
                await cluster.DownAsync(report, CancellationToken.None);
                return true;
            });
            Console.WriteLine($"Nothing is left running after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
            return 0;
        }));
        return command;
    }
}
