namespace Shop.Lab.Cluster.Model;

/// <summary>Which of its ports the cluster uses for what. Replicas are counted from 1.</summary>
internal sealed record PortPlan(int Base)
{
    public const int Size = 100;

    public int Public => Base;

    public int NginxStatus => Base + 9;

    public int Postgres => Base + 40;

    public int RabbitMq => Base + 50;

    public int ErlangDistribution => Base + 51;

    public int Epmd => Base + 52;

    public int Redis => Base + 60;

    public int Gateway(int replica) => Base + replica;

    public int Ordering(int replica) => Base + 10 + replica;

    public int Inventory(int replica) => Base + 20 + replica;

    public int Payments(int replica) => Base + 30 + replica;

    public int Lock(int node) => Base + 60 + node;

    public int ConsulHttp(int server) => Base + 70 + server;

    public int ConsulServer(int server) => Base + 80 + server;

    /// <summary>Where the process that runs the links takes orders. The links themselves are behind the <see cref="Size"/> ports.</summary>
    public int LinkControl => Base + 99;

    public int ConsulGossip(int server) => Base + 90 + server;
}
