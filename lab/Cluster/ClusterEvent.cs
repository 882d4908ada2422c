namespace Shop.Lab.Cluster;

/// <summary>What happened to one process, so long after the command began.</summary>
internal sealed record ClusterEvent(string Name, ClusterStage Stage, TimeSpan Elapsed);

internal enum ClusterStage
{
    Starting,
    Ready,
    Stopped,
}
