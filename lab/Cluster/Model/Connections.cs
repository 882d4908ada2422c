using Shop.Lab.Cluster.Apps;
using Shop.Lab.Cluster.Links;
using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Model;

/// <summary>How to reach each part of the cluster: what the applications get, and what tests and the lab use.</summary>
internal sealed record Connections(ClusterOptions Options, PortPlan Ports, ClusterSecrets Secrets)
{
    // Six processes of services share PostgreSQL's 300 connections.
    private const int MaxPoolSize = 40;

    /// <summary>Whose connections these are: where there are links, each process has its own. Null is past all links.</summary>
    public string? From { get; init; }

    public IReadOnlyList<LinkSpec> Links { get; } = LinkPlan.Of(Options, Ports);

    public int RabbitMqPort => PortOf(RabbitMqServer.Name, Ports.RabbitMq);

    public Uri Public => new($"http://localhost:{Ports.Public}");

    /// <summary>For Npgsql.</summary>
    public string Database(string service) =>
        $"Host=127.0.0.1;Port={PortOf(PostgresServer.Name, Ports.Postgres)};Database={service};Username={service};Password={Secrets.Database[service]};Maximum Pool Size={MaxPoolSize}";

    public Uri RabbitMq(string service) => new($"amqp://{service}:{Secrets.Messaging[service]}@127.0.0.1:{RabbitMqPort}/{RabbitMqServer.VirtualHost}");

    /// <summary>For StackExchange.Redis: sessions and cache.</summary>
    public string Redis => Endpoint(PortOf(RedisServer.Name, Ports.Redis), Secrets.Redis);

    /// <summary>For StackExchange.Redis: the independent servers for locks.</summary>
    public IReadOnlyList<string> Locks => [.. Enumerable.Range(1, Options.LockNodes).Select(node => Endpoint(PortOf(RedisServer.LockName(node), Ports.Lock(node)), Secrets.Locks))];

    public IReadOnlyList<Uri> Consul => [.. Enumerable.Range(1, ConsulServers.Count).Select(server => new Uri($"http://127.0.0.1:{PortOf(ConsulServers.Name(server), Ports.ConsulHttp(server))}"))];

    public Uri Agent(int replica) => Consul[ConsulServers.AgentOf(replica) - 1];

    public Uri App(AppKind kind, int replica) => new($"http://127.0.0.1:{PortOf(kind.Name(replica), kind.Port(Ports, replica))}");

    private int PortOf(string to, int direct) => Links.FirstOrDefault(link => link.From == From && link.To == to)?.Port ?? direct;

    private static string Endpoint(int port, string password) => $"127.0.0.1:{port},password={password},abortConnect=false";
}
