using System.CommandLine;
using Spectre.Console;

namespace Shop.Lab.Cluster.Commands;

/// <summary><c>cluster status</c>: each process, its port, its health and its role. Exit code 0 when all are healthy.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var directory = ClusterCommand.Directory();
        var command = new Command("status", "Show every process, its ports, its health and its role.") { directory };
        command.SetAction((arguments, cancellationToken) => ClusterCommand.RunAsync(async () =>
        {
            var processes = await ShopCluster.Open(arguments.GetValue(directory)).StatusAsync(cancellationToken);
            AnsiConsole.Write(Table(processes));
            return processes.All(process => process.Health is ProcessHealth.Healthy) ? 0 : 1;
        }));
        return command;
    }

    private static Table Table(IEnumerable<ProcessStatus> processes)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("process", "pid", "ports", "health", "role");
        foreach (var process in processes)
        {
            table.AddRow(
                Markup.Escape(process.Name),
                $"{process.Id}",
                string.Join(' ', process.Process.Ports.Select(use => use.Port)),
                Markup.Escape(process.Reason is null ? Word(process) : $"{Word(process)}: {process.Reason}"),
                Markup.Escape(process.Role ?? ""));
        }

        return table;
    }

    private static string Word(ProcessStatus process) => process.Health.ToString().ToLowerInvariant();
}
