using Shop.Lab.Cluster.Servers;

namespace Shop.Lab.Cluster.Model;

/// <summary>How to reach each part of the cluster: what the applications get, and what tests and the lab use.</summary>
internal sealed record Connections(ClusterOptions Options, PortPlan Ports, ClusterSecrets Secrets)
{
    // Six processes of services share PostgreSQL's 300 connections.
    private const int MaxPoolSize = 40;

    public Uri Public => new($"http://localhost:{Ports.Public}");

    /// <summary>For Npgsql.</summary>
    public string Database(string service) =>
        $"Host=127.0.0.1;Port={Ports.Postgres};Database={service};Username={service};Password={Secrets.Database[service]};Maximum Pool Size={MaxPoolSize}";

    public Uri RabbitMq(string service) => new($"amqp://{service}:{Secrets.Messaging[service]}@127.0.0.1:{Ports.RabbitMq}/{RabbitMqServer.VirtualHost}");

    /// <summary>For StackExchange.Redis: sessions and cache.</summary>
    public string Redis => Endpoint(Ports.Redis, Secrets.Redis);

    /// <summary>For StackExchange.Redis: the independent servers for locks.</summary>
    public IReadOnlyList<string> Locks => [.. Enumerable.Range(1, Options.LockNodes).Select(node => Endpoint(Ports.Lock(node), Secrets.Locks))];

    public IReadOnlyList<Uri> Consul => [.. Enumerable.Range(1, ConsulServers.Count).Select(server => new Uri($"http://127.0.0.1:{Ports.ConsulHttp(server)}"))];

    /// <summary>The Consul server of a replica: each has another one, so that the loss of one does not silence a whole service.</summary>
    public Uri Agent(int replica) => Consul[(replica - 1) % ConsulServers.Count];

    private static string Endpoint(int port, string password) => $"127.0.0.1:{port},password={password},abortConnect=false";
}
