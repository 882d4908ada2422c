namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when this Consul server lists the replica among those that requests go to.</summary>
internal sealed record RegistryProbe(Uri Consul, Guid Token, string Instance) : Probe
{
    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Consul, $"v1/agent/health/service/id/{Instance}"));
        request.Headers.Add("X-Consul-Token", $"{Token}");
        using var response = await HttpProbe.Http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode ? ProbeResult.Ready : ProbeResult.NotReady($"consul answers {(int)response.StatusCode} for {Instance}");
    }
}
