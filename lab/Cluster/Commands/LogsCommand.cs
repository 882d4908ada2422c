using System.CommandLine;

namespace Shop.Lab.Cluster.Commands;

/// <summary><c>cluster logs</c>: the end of what a process wrote, and with <c>--follow</c> what it writes now.</summary>
internal static class LogsCommand
{
    private const int DefaultLines = 50;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var directory = ClusterCommand.Directory();
        var name = ClusterCommand.Name();
        var lines = new Option<int>("--lines", "-n") { Description = "How many lines.", DefaultValueFactory = _ => DefaultLines };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until Ctrl+C." };
        var command = new Command("logs", "Print the end of a process's log.") { name, lines, follow, directory };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(async () =>
        {
            var cluster = ShopCluster.Open(arguments.GetValue(directory));
            var file = cluster.Directory.Log(cluster.Model[arguments.GetRequiredValue(name)].Name);
            if (!File.Exists(file))
            {
                throw new ClusterException($"'{file}' is not there yet");
            }

            await PrintAsync(file, arguments.GetRequiredValue(lines), arguments.GetRequiredValue(follow), cancellationToken);
            return 0;
        }));
        return command;
    }

    private static async Task PrintAsync(string file, int lines, bool follow, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var last = new Queue<string>();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            last.Enqueue(line);
            if (last.Count > lines)
            {
                last.Dequeue();
            }
        }

        foreach (var line in last)
        {
            Console.WriteLine(line);
        }

        while (follow)
        {
            Console.Write(await reader.ReadToEndAsync(cancellationToken));
            await Task.Delay(PollInterval, cancellationToken);
        }
    }
}
