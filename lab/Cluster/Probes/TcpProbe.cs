namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when it accepts a connection.</summary>
internal sealed record TcpProbe(int Port) : Probe
{
    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        await using var stream = await Loopback.ConnectAsync(Port, cancellationToken);
        return ProbeResult.Ready;
    }
}
