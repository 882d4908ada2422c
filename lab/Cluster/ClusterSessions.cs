namespace Shop.Lab.Cluster;

/// <summary>Where the gateways of a cluster keep their sessions; the names are those of the setting <c>Sessions:Strategy</c>.</summary>
internal enum ClusterSessions
{
    /// <summary>In the memory of one gateway, to which nginx sends a caller each time.</summary>
    Sticky,

    /// <summary>In the memory of every gateway.</summary>
    Replicated,

    /// <summary>In Redis.</summary>
    Central,
}
