using System.Net.Http.Json;

namespace Shop.Lab.Cluster.Probes;

/// <summary>Ready when it knows the leader of all servers.</summary>
internal sealed record ConsulProbe(int HttpPort, int ServerPort, int Servers) : Probe
{
    protected override async Task<ProbeResult> AskAsync(CancellationToken cancellationToken)
    {
        var leader = await HttpProbe.Http.GetFromJsonAsync<string>($"http://127.0.0.1:{HttpPort}/v1/status/leader", cancellationToken);
        if (string.IsNullOrEmpty(leader))
        {
            return ProbeResult.NotReady("no leader");
        }

        var peers = await HttpProbe.Http.GetFromJsonAsync<string[]>($"http://127.0.0.1:{HttpPort}/v1/status/peers", cancellationToken);
        return peers?.Length == Servers
            ? ProbeResult.Ready with { Role = leader == $"127.0.0.1:{ServerPort}" ? "leader" : "follower" }
            : ProbeResult.NotReady($"{peers?.Length ?? 0} of {Servers} servers");
    }
}
