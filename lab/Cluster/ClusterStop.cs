using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Cluster;

/// <summary>Ends processes, each after those that depend on it; the rest at the same time.</summary>
internal sealed class ClusterStop(ClusterModel model, Supervisor supervisor, TimeProvider clock, Action<ClusterEvent>? progress)
{
    private readonly long _began = clock.GetTimestamp();

    public async Task RunAsync(IReadOnlyCollection<ProcessSpec> processes)
    {
        var stopped = new Dictionary<string, Task>();

        // Dependants stand behind what they depend on, so that backwards each finds its dependants' tasks.
        foreach (var process in model.Processes.Reverse().Where(processes.Contains))
        {
            var dependants = model.Processes
                .Where(other => other.DependsOn.Contains(process.Name) && stopped.ContainsKey(other.Name))
                .Select(other => stopped[other.Name]);
            stopped[process.Name] = StopAsync(process, Task.WhenAll(dependants));
        }

        await Task.WhenAll(stopped.Values);
    }

    private async Task StopAsync(ProcessSpec process, Task dependants)
    {
        // One that cannot be ended keeps nobody else running.
        await dependants.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ran = supervisor.Members(process).Count > 0;
        await supervisor.StopAsync(process);
        if (ran)
        {
            progress?.Invoke(new ClusterEvent(process.Name, ClusterStage.Stopped, clock.GetElapsedTime(_began)));
        }
    }
}
