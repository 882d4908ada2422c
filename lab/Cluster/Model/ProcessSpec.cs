using Shop.Lab.Cluster.Probes;
using Shop.Lab.Cluster.Processes;

namespace Shop.Lab.Cluster.Model;

/// <summary>One process of the cluster: everything that is needed to start it, to see whether it is well, and to stop it.</summary>
internal sealed record ProcessSpec
{
    public required string Name { get; init; }

    public required ClusterParts Part { get; init; }

    /// <summary>The program, by its full path when it was found, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>On top of the few variables that every process gets; nothing else is inherited from whoever runs the command.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public required IReadOnlyList<PortUse> Ports { get; init; }

    /// <summary>Its own directory: it works there and keeps its data there.</summary>
    public required string Directory { get; init; }

    /// <summary>Written into the directory before each start.</summary>
    public IReadOnlyList<ConfigFile> Files { get; init; } = [];

    /// <summary>Who must be ready before this process is started.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    public required Probe Readiness { get; init; }

    /// <summary>Whether those who call it know that it is there; null where nobody looks it up.</summary>
    public Probe? Registered { get; init; }

    /// <summary>The user to run as when the cluster runs as root; the same user otherwise.</summary>
    public string? RunAs { get; init; }

    /// <summary>What asks the process to end in good order.</summary>
    public Signal StopSignal { get; init; } = Signal.Terminate;

    /// <summary>How long that may take; then it is killed.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Before the start; does nothing when it was done before.</summary>
    public Func<CancellationToken, Task>? Prepare { get; init; }

    /// <summary>After the first answer; does nothing when it was done before.</summary>
    public Func<CancellationToken, Task>? Provision { get; init; }
}

/// <summary>A port on loopback, and what speaks there.</summary>
internal sealed record PortUse(string Protocol, int Port);

/// <summary>A file of a process, readable by its user only.</summary>
internal sealed record ConfigFile(string Name, string Content);
