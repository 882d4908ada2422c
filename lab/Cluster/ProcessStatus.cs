using Shop.Lab.Cluster.Model;

namespace Shop.Lab.Cluster;

/// <summary>How one process is doing.</summary>
/// <param name="Id">The process id, if it runs.</param>
/// <param name="Role">Its part among its kind: leader or follower, primary or standby.</param>
/// <param name="Reason">Why it is not healthy.</param>
internal sealed record ProcessStatus(ProcessSpec Process, ProcessHealth Health, int? Id = null, string? Role = null, string? Reason = null)
{
    public string Name => Process.Name;
}

internal enum ProcessHealth
{
    Healthy,

    /// <summary>It runs and does not serve.</summary>
    Unhealthy,

    /// <summary>Stopped by SIGSTOP.</summary>
    Paused,

    Down,
}
