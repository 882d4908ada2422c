namespace Shop.Lab.Cluster;

/// <summary>Which processes a cluster has; a test starts only those that it needs.</summary>
[Flags]
internal enum ClusterParts
{
    None = 0,
    Postgres = 1,
    RabbitMq = 2,
    Redis = 4,
    Locks = 8,
    Consul = 16,
    Nginx = 32,
    Services = 64,
    Gateways = 128,
    Apps = Services | Gateways,
    Servers = Postgres | RabbitMq | Redis | Locks | Consul | Nginx,
    All = Servers | Apps,

    /// <summary>Every application reaches servers and other services through a link of its own, which can be disturbed. Only when asked for.</summary>
    Links = 256,
}
