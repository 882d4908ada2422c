using System.Text.Json;
using System.Text.Json.Nodes;
using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;

namespace Shop.Lab.Cluster.Servers;

/// <summary>Three Consul servers, one Raft group: two of them decide, one may be away.</summary>
internal static class ConsulServers
{
    public const int Count = 3;

    public static string Name(int server) => $"consul-{server}";

    /// <summary>The server of a replica: each has another one, so that the loss of one does not silence a whole service.</summary>
    public static int AgentOf(int replica) => ((replica - 1) % Count) + 1;

    public static ProcessSpec Create(int server, ClusterDirectory directory, PortPlan ports, ClusterSecrets secrets, Binaries binaries)
    {
        var name = Name(server);
        return new ProcessSpec
        {
            Name = name,
            Part = ClusterParts.Consul,
            Command = [binaries.Consul, "agent", "-config-file=consul.json", "-data-dir=data"],
            Ports =
            [
                new PortUse("http", ports.ConsulHttp(server)),
                new PortUse("raft", ports.ConsulServer(server)),
                new PortUse("gossip", ports.ConsulGossip(server)),
            ],
            Directory = directory.Of(name),
            Files = [new ConfigFile("consul.json", Configuration(server, ports, secrets))],
            Readiness = new ConsulProbe(ports.ConsulHttp(server), ports.ConsulServer(server), Count),

            // Raft carries it to the others; one server asks.
            Provision = server == 1 ? cancellationToken => ConsulAccess.ProvisionAsync(ports, secrets, cancellationToken) : null,
        };
    }

    private static string Configuration(int server, PortPlan ports, ClusterSecrets secrets) => new JsonObject
    {
        ["node_name"] = Name(server),
        ["datacenter"] = "shop",
        ["server"] = true,
        ["bootstrap_expect"] = Count,
        ["bind_addr"] = "127.0.0.1",
        ["client_addr"] = "127.0.0.1",
        ["ports"] = new JsonObject
        {
            ["http"] = ports.ConsulHttp(server),
            ["server"] = ports.ConsulServer(server),
            ["serf_lan"] = ports.ConsulGossip(server),
            ["serf_wan"] = -1,
            ["dns"] = -1,
            ["grpc"] = -1,
        },
        ["retry_join"] = new JsonArray([.. Enumerable.Range(1, Count).Select(other => JsonValue.Create($"127.0.0.1:{ports.ConsulGossip(other)}"))]),
        ["retry_interval"] = "1s",
        ["encrypt"] = secrets.ConsulGossipKey,
        ["performance"] = new JsonObject { ["raft_multiplier"] = 1 },

        // A stop is not a farewell: the group keeps its three members and waits for the third to come back.
        ["leave_on_terminate"] = false,
        ["skip_leave_on_interrupt"] = true,
        ["disable_update_check"] = true,
        ["acl"] = new JsonObject
        {
            ["enabled"] = true,
            ["default_policy"] = "deny",
            ["tokens"] = new JsonObject
            {
                ["master"] = $"{secrets.ConsulManagementToken}",

                // The agent's own: the same file holds the stronger one anyway.
                ["agent"] = $"{secrets.ConsulManagementToken}",
            },
        },
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
}
