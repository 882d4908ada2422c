namespace Shop.Lab.Cluster;

/// <summary>The cluster cannot do what was asked, for a reason that one line can tell.</summary>
internal sealed class ClusterException(string message, Exception? inner = null) : Exception(message, inner);
