using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Apps;

/// <summary>The configuration of one application process, as environment variables.</summary>
/// <remarks>A service gets the passwords that it needs itself, and no other's.</remarks>
internal static class AppEnvironment
{
    public static Dictionary<string, string> Of(AppKind kind, int replica, Connections all)
    {
        var connections = all with { From = kind.Name(replica) };
        var settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = kind.Address(connections.Ports, replica),
            ["DOTNET_NOLOGO"] = "1",
        };
        var options = connections.Options;
        Add("Shop:Instance", kind.Name(replica));
        Add("Identity:SigningKeys:0", connections.Secrets.IdentitySigningKey);
        Add("Security:ServiceKey", connections.Secrets.ServiceKey);
        Add("Security:OperatorKey", connections.Secrets.OperatorKey);
        foreach (var other in AppKind.All)
        {
            for (var i = 1; i <= other.Replicas(options); i++)
            {
                Add($"Services:{other.Service}:{i - 1}", connections.App(other, i).GetLeftPart(UriPartial.Authority));
            }
        }

        if (kind.IsService && options.Parts.HasFlag(ClusterParts.Postgres))
        {
            Add("Database:Provider", "Postgres");
            Add("Database:ConnectionString", connections.Database(kind.Service));
        }

        if (kind.IsService && options.Parts.HasFlag(ClusterParts.RabbitMq))
        {
            Add("Messaging:Transport", "RabbitMq");
            Add("RabbitMq:Host", "127.0.0.1");
            Add("RabbitMq:Port", $"{connections.RabbitMqPort}");
            Add("RabbitMq:VirtualHost", RabbitMqServer.VirtualHost);
            Add("RabbitMq:Username", kind.Service);
            Add("RabbitMq:Password", connections.Secrets.Messaging[kind.Service]);
        }

        if (!kind.IsService)
        {
            Add("AllowedHosts", "localhost;127.0.0.1;[::1]"); // nobody has another name for loopback, unless a page tries to get here by its own
            if (options.Parts.HasFlag(ClusterParts.Nginx))
            {
                Add("Proxy:TrustedProxies:0", NginxServer.Source);
            }
        }

        if (!kind.IsService && (options.Sessions is not ClusterSessions.Central || options.Parts.HasFlag(ClusterParts.Redis)))
        {
            Add("Sessions:Strategy", $"{options.Sessions}"); // central: a session opened through one gateway is known to the other
        }

        if (options.Parts.HasFlag(ClusterParts.Redis))
        {
            Add("Redis:ConnectionString", connections.Redis);
        }

        if (kind.TakesLocks && options.Parts.HasFlag(ClusterParts.Locks))
        {
            foreach (var (node, index) in connections.Locks.Select((node, index) => (node, index)))
            {
                Add($"Locks:Nodes:{index}", node);
            }
        }

        if (options.Parts.HasFlag(ClusterParts.Consul))
        {
            AddConsul(); // and worker ids are leased there
        }
        else
        {
            Add("Snowflake:WorkerId", $"{kind.Worker(replica)}");
        }

        foreach (var (key, value) in options.AppSettings)
        {
            Add(key, value);
        }

        return settings;

        // One address can be registered, and it would be the same for all callers: the caller knows where its own link begins. The checks of
        // Consul go past the links, so that a replica can be well and out of somebody's reach.
        void AddVia()
        {
            var services =
                from other in AppKind.All
                from i in Enumerable.Range(1, other.Replicas(options))
                where connections.Links.Any(link => link.From == connections.From && link.To == other.Name(i))
                select (Name: other.Name(i), Address: connections.App(other, i));
            foreach (var (index, service) in services.Index())
            {
                Add($"Consul:Discovery:Via:{index}:InstanceId", service.Name);
                Add($"Consul:Discovery:Via:{index}:Address", service.Address.AbsoluteUri);
            }
        }

        void Add(string key, string value) => settings[key.Replace(":", "__", StringComparison.Ordinal)] = value;

        void AddConsul()
        {
            var agent = connections.Agent(replica);
            Add("Consul:Host", agent.Host);
            Add("Consul:Port", $"{agent.Port}");
            Add("Consul:Scheme", agent.Scheme);
            Add("Consul:Token", $"{connections.Secrets.ConsulServiceToken}");
            Add("Consul:Discovery:ServiceName", kind.Service);
            Add("Consul:Discovery:InstanceId", kind.Name(replica));
            Add("Consul:Discovery:HostName", "127.0.0.1");
            Add("Consul:Discovery:Port", $"{kind.Port(connections.Ports, replica)}");
            Add("Consul:Discovery:HealthCheckPath", "/health/ready");
            AddVia();
        }
    }
}
