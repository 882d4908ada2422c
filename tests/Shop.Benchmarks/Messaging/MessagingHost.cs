using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Benchmarks.Rivals;
using Shop.BuildingBlocks.Ids;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Servers;

namespace Shop.Benchmarks.Messaging;

/// <summary>The building blocks' outbox, relay, transport and receiver in this process, on the cluster's PostgreSQL and RabbitMQ.</summary>
internal sealed class MessagingHost : IAsyncDisposable
{
    // Ordering's user may declare and use queues of this kind of name.
    public const string Source = $"{ServiceNames.Ordering}.bench-source";
    public const string Target = $"{ServiceNames.Ordering}.bench-target";

    private const int FirstWorker = 1_000; // nobody of the cluster leases it

    private readonly IHost _host;

    private MessagingHost(IHost host, Pgbench books) => (_host, Books) = (host, books);

    public Pgbench Books { get; }

    public Database<EffectsDbContext> Database => _host.Services.GetRequiredService<Database<EffectsDbContext>>();

    public SnowflakeIdGenerator Ids => _host.Services.GetRequiredService<SnowflakeIdGenerator>();

    public Traffic Traffic => _host.Services.GetRequiredService<Traffic>();

    public EnvelopeReceiver<EffectsDbContext> Receiver => _host.Services.GetRequiredService<EnvelopeReceiver<EffectsDbContext>>();

    /// <summary>Tells the relay that there are rows which no transaction of this host has written.</summary>
    public void Wake(string destination) => _host.Services.GetRequiredService<OutboxSignal>().Wake(destination);

    public static async Task<MessagingHost> StartAsync(
        ShopCluster cluster, string service, string? destination, Arrivals arrivals, bool records, CancellationToken cancellationToken)
    {
        var database = $"bench_{service.Split('-')[^1]}{(records ? "" : "_bare")}";
        var books = new Pgbench(cluster, database);
        await books.CreateEmptyAsync(cancellationToken);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
            ["Database:ConnectionString"] =
                $"Host=127.0.0.1;Port={cluster.Connections.Ports.Postgres};Database={database};Username=postgres;Password={cluster.Secrets.PostgresSuperuser};Maximum Pool Size=20",
            ["Messaging:Transport"] = nameof(TransportKind.RabbitMq),
            ["Messaging:PollInterval"] = "00:01:00", // commits wake the relay; rows that wait for a start must not
            ["RabbitMq:Host"] = "127.0.0.1",
            ["RabbitMq:Port"] = $"{cluster.Connections.RabbitMqPort}",
            ["RabbitMq:VirtualHost"] = RabbitMqServer.VirtualHost,
            ["RabbitMq:Username"] = ServiceNames.Ordering,
            ["RabbitMq:Password"] = cluster.Secrets.Messaging[ServiceNames.Ordering],
            ["Snowflake:WorkerId"] = $"{FirstWorker + (service == Source ? 1 : 2)}",
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(arrivals);
        builder.Services.AddSingleton(new EffectMode(records));
        builder.AddDatabase<EffectsDbContext>();
        builder.AddMessaging<EffectsDbContext, EffectHandler>(service, destination is null ? [] : [destination]);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new MessagingHost(host, books);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
