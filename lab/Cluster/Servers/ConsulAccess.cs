using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;

namespace Shop.Lab.Cluster.Servers;

/// <summary>The token that the services use, and what it allows: everything else is denied by default.</summary>
internal static class ConsulAccess
{
    private const string PolicyName = "shop-services";
    private const string TokenHeader = "X-Consul-Token";

    // Register and find services, read configuration, and keep locks and leadership under shop/.
    internal const string Rules = """
        service_prefix "" { policy = "write" }
        node_prefix "" { policy = "read" }
        agent_prefix "" { policy = "read" }
        session_prefix "" { policy = "write" }
        key_prefix "config/" { policy = "read" }
        key_prefix "shop/" { policy = "write" }
        """;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    // Two make a leader: the third may still be on its way.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(10);

    public static async Task ProvisionAsync(PortPlan ports, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        var address = $"http://127.0.0.1:{ports.ConsulHttp(1)}/v1/acl";
        var policy = new JsonObject { ["Name"] = PolicyName, ["Rules"] = Rules };
        var policies = await SendAsync(HttpMethod.Get, $"{address}/policies", secrets, null, cancellationToken);
        var known = policies!.AsArray().FirstOrDefault(existing => existing!["Name"]!.GetValue<string>() == PolicyName);
        await SendAsync(HttpMethod.Put, $"{address}/policy/{known?["ID"]}".TrimEnd('/'), secrets, policy, cancellationToken);

        var tokens = await SendAsync(HttpMethod.Get, $"{address}/tokens", secrets, null, cancellationToken);
        if (!tokens!.AsArray().Any(existing => existing!["AccessorID"]!.GetValue<Guid>() == secrets.ConsulServiceAccessor))
        {
            await SendAsync(HttpMethod.Put, $"{address}/token", secrets, Token(secrets), cancellationToken);
        }

        // Each server judges by its own copy: a follower that is behind would refuse the services. One that is away is told when it is back.
        var started = Stopwatch.GetTimestamp();
        for (var server = 1; server <= ConsulServers.Count; server++)
        {
            while (await KnowsAsync(ports.ConsulHttp(server), secrets, cancellationToken) is var knows
                && (knows is false || (knows is null && Stopwatch.GetElapsedTime(started) < StartPatience)))
            {
                await Task.Delay(PollInterval, cancellationToken);
            }
        }
    }

    private static JsonObject Token(ClusterSecrets secrets) => new()
    {
        ["AccessorID"] = $"{secrets.ConsulServiceAccessor}",
        ["SecretID"] = $"{secrets.ConsulServiceToken}",
        ["Description"] = "The services of the shop",
        ["Policies"] = new JsonArray(new JsonObject { ["Name"] = PolicyName }),
    };

    /// <summary>Null when it is not there.</summary>
    private static async Task<bool?> KnowsAsync(int port, ClusterSecrets secrets, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/v1/acl/token/self?stale");
        request.Headers.Add(TokenHeader, $"{secrets.ConsulServiceToken}");
        try
        {
            using var response = await HttpProbe.Http.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    // The leader makes its first tokens just after its election: until then it refuses.
    private static async Task<JsonNode?> SendAsync(
        HttpMethod method, string address, ClusterSecrets secrets, JsonObject? body, CancellationToken cancellationToken)
    {
        const int Attempts = 200;
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Add(TokenHeader, $"{secrets.ConsulManagementToken}");
            using var response = await HttpProbe.Http.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return JsonNode.Parse(text);
            }

            if (attempt == Attempts)
            {
                throw new ClusterException($"consul refuses {new Uri(address).AbsolutePath}: {(int)response.StatusCode} {text.Trim()}");
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }
}
