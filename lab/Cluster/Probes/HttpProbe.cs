namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when a GET succeeds.</summary>
internal sealed record HttpProbe(Uri Address) : Probe
{
    // One for all: without a pool a probe every 50 ms would leave a trail of closed connections.
    internal static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        using var response = await Http.GetAsync(Address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return response.IsSuccessStatusCode ? ProbeResult.Ready : ProbeResult.NotReady($"{Address.AbsolutePath} says {(int)response.StatusCode}");
    }
}
