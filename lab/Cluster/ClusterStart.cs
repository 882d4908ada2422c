using System.Collections.Concurrent;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Processes;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster;

/// <summary>One start of a whole cluster: everything at once, each as soon as what it depends on is ready.</summary>
internal sealed class ClusterStart(ClusterModel model, Supervisor supervisor, TimeProvider clock, Action<ClusterEvent>? progress)
{
    public const string Build = "build";

    private readonly ConcurrentBag<ProcessSpec> _started = [];
    private readonly Dictionary<string, Task> _ready = [];
    private readonly long _began = clock.GetTimestamp();

    /// <summary>What would fail later is refused before anything runs.</summary>
    /// <exception cref="ClusterException">A program is missing, or a port is taken.</exception>
    public void CheckWhatIsNeeded(bool expectAssemblies)
    {
        if (model.Processes.Select(process => process.Command[0]).Where(program => !File.Exists(program)).Distinct().ToList() is { Count: > 0 } missing)
        {
            throw new ClusterException($"missing: {string.Join(", ", missing)}. {Binaries.HowToGetThem}");
        }

        if (expectAssemblies && model.Processes.FirstOrDefault(process => IsApp(process) && !File.Exists(process.Command[1])) is { } unbuilt)
        {
            throw new ClusterException($"'{unbuilt.Command[1]}' is not built: leave out --no-build");
        }

        foreach (var process in model.Processes.Where(process => supervisor.Members(process).Count == 0))
        {
            Supervisor.CheckPorts(process);
        }
    }

    public async Task RunAsync(Func<CancellationToken, Task>? build, CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (model.Processes.Any(IsApp) && build is not null)
        {
            _ready[Build] = RunStepAsync(Build, () => build(stopping.Token), stopping);
        }

        foreach (var process in model.Processes)
        {
            _ready[process.Name] = RunStepAsync(process.Name, () => StartAsync(process, stopping.Token), stopping);
        }

        try
        {
            await Task.WhenAll(_ready.Values);
        }
        catch (Exception) when (!_started.IsEmpty)
        {
            await new ClusterStop(model, supervisor, clock, progress).RunAsync([.. _started]);
            cancellationToken.ThrowIfCancellationRequested();

            // The first cause, not the cancellation of the others that followed from it.
            throw _ready.Values.Select(task => task.Exception?.GetBaseException()).OfType<ClusterException>().First();
        }
    }

    private static bool IsApp(ProcessSpec process) => ClusterParts.Apps.HasFlag(process.Part);

    private async Task StartAsync(ProcessSpec process, CancellationToken cancellationToken)
    {
        await Task.WhenAll(process.DependsOn.Select(other => _ready[other]));
        if (IsApp(process) && _ready.TryGetValue(Build, out var built))
        {
            await built;
        }

        cancellationToken.ThrowIfCancellationRequested();
        progress?.Invoke(new ClusterEvent(process.Name, ClusterStage.Starting, clock.GetElapsedTime(_began)));
        if (supervisor.Find(process) is null)
        {
            _started.Add(process);
            await supervisor.LaunchAsync(process, null, cancellationToken);
        }

        await supervisor.WaitUntilReadyAsync(process, cancellationToken);
        await (process.Provision?.Invoke(cancellationToken) ?? Task.CompletedTask);
    }

    private async Task RunStepAsync(string name, Func<Task> step, CancellationTokenSource stopping)
    {
        // Off the caller's thread: the table is complete before the first step looks into it.
        await Task.Yield();
        try
        {
            await step();
            progress?.Invoke(new ClusterEvent(name, ClusterStage.Ready, clock.GetElapsedTime(_began)));
        }
        catch
        {
            await stopping.CancelAsync();
            throw;
        }
    }
}
