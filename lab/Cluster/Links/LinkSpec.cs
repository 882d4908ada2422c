namespace Shop.Lab.Cluster.Links;

/// <summary>The way from one process to another: the first connects to <paramref name="Port"/>, where the second seems to be.</summary>
internal sealed record LinkSpec(string From, string To, int Port, int TargetPort)
{
    public override string ToString() => $"{From} -> {To}";
}
