namespace Shop.Lab.Cluster;

/// <summary>How a cluster is brought up, as opposed to what it consists of.</summary>
internal sealed record UpRequest
{
    /// <summary>Where it lives; <c>.shop/cluster</c> of the checkout when not given.</summary>
    public string? Directory { get; init; }

    /// <summary>Whether the applications are built first.</summary>
    public bool Build { get; init; } = true;

    /// <summary>Whether all data and secrets are deleted first.</summary>
    public bool Reset { get; init; }

    /// <summary>Told of each process, from any thread.</summary>
    public Action<ClusterEvent>? Progress { get; init; }
}
