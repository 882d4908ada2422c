using Spectre.Console;

namespace Shop.Lab.Cluster.Commands;

/// <summary>One line for each process when it is ready, and in a terminal also whom the command waits for.</summary>
internal sealed class ProgressPrinter(ClusterOptions options)
{
    private readonly Lock _lock = new();
    private readonly SortedSet<string> _waiting = new(StringComparer.Ordinal);

    public async Task<T> RunAsync<T>(Func<Action<ClusterEvent>, Task<T>> work)
    {
        AnsiConsole.MarkupLineInterpolated($"[grey]ports {options.Port} to {options.Port + options.PortCount - 1} on 127.0.0.1[/]");
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            return await work(occurred => Print(occurred, null));
        }

        return await AnsiConsole.Status().StartAsync("starting", context => work(occurred => Print(occurred, context)));
    }

    private void Print(ClusterEvent occurred, StatusContext? context)
    {
        lock (_lock)
        {
            if (occurred.Stage is ClusterStage.Starting)
            {
                _waiting.Add(occurred.Name);
            }
            else
            {
                _waiting.Remove(occurred.Name);
                var color = occurred.Stage is ClusterStage.Ready ? "green" : "yellow";
                AnsiConsole.MarkupLine($"  [{color}]{occurred.Stage.ToString().ToLowerInvariant(),-7}[/] {occurred.Name,-14} {occurred.Elapsed.TotalSeconds,6:0.0} s");
            }

            if (context is not null && _waiting.Count > 0)
            {
                context.Status = Markup.Escape($"waiting for {string.Join(", ", _waiting)}");
            }
        }
    }
}
