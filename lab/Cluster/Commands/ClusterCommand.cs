using System.CommandLine;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Cluster.Commands;

/// <summary><c>cluster</c>: the shop on real servers, as processes of this machine.</summary>
internal static class ClusterCommand
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    public static Command Create()
    {
        var command = new Command("cluster", "Run the shop as separate processes on real servers, on loopback.")
        {
            UpCommand.Create(), StatusCommand.Create(), Kill(), Start(), Restart(), LogsCommand.Create(), DownCommand.Create(),
        };
        foreach (var link in LinkCommands.All())
        {
            command.Add(link);
        }

        return command;
    }

    public static Option<string?> Directory() => new("--directory") { Description = "Where the cluster lives; .shop/cluster by default." };

    public static Argument<string> Name() => new("name") { Description = "A process, as 'cluster status' calls it." };

    /// <summary>Expected failures are one line on standard error and an exit code.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (ClusterException exception)
        {
            await Console.Error.WriteLineAsync($"cluster: {exception.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("cluster: interrupted");
            return Interrupted;
        }
    }

    private static Command Kill()
    {
        var directory = Directory();
        var name = Name();
        var signal = new Option<string>("--signal", "-s")
        {
            Description = $"One of {string.Join(", ", Signal.Names)}.",
            DefaultValueFactory = _ => Signal.Kill.Name,
        };
        var command = new Command("kill", "Send a signal to a process.") { name, signal, directory };
        command.SetAction((arguments, cancellationToken) => RunAsync(async () =>
        {
            var cluster = ShopCluster.Open(arguments.GetValue(directory));
            await cluster.KillAsync(arguments.GetRequiredValue(name), Signal.Parse(arguments.GetRequiredValue(signal)), cancellationToken);
            return 0;
        }));
        return command;
    }

    private static Command Start()
    {
        var directory = Directory();
        var name = Name();
        var command = new Command("start", "Start a process that does not run, and wait until it is healthy.") { name, directory };
        command.SetAction((arguments, cancellationToken) => RunAsync(async () =>
        {
            await ShopCluster.Open(arguments.GetValue(directory)).StartAsync(arguments.GetRequiredValue(name), cancellationToken: cancellationToken);
            return 0;
        }));
        return command;
    }

    private static Command Restart()
    {
        var directory = Directory();
        var name = Name();
        var command = new Command("restart", "End a process in good order, start it again, and wait until requests go to it.") { name, directory };
        command.SetAction((arguments, cancellationToken) => RunAsync(async () =>
        {
            await ShopCluster.Open(arguments.GetValue(directory)).RestartAsync(arguments.GetRequiredValue(name), cancellationToken: cancellationToken);
            return 0;
        }));
        return command;
    }
}
