using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;

namespace Shop.IntegrationTests.Storage;

/// <summary>One replica of a service that does nothing but send.</summary>
internal sealed class RelayReplica : IAsyncDisposable
{
    private readonly IHost _host;

    private RelayReplica(string name, IHost host, HeldTransport transport)
    {
        Name = name;
        Transport = transport;
        _host = host;
    }

    public string Name { get; }

    public HeldTransport Transport { get; }

    private Database<PlainDbContext> Database => _host.Services.GetRequiredService<Database<PlainDbContext>>();

    /// <summary>Starts it with a transport that holds.</summary>
    public static async Task<RelayReplica> StartAsync(string database, int number, DeliveryLog log, string[] destinations)
    {
        var name = $"replica-{number}";
        var transport = new HeldTransport(name, log);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
            ["Database:ConnectionString"] = $"{database};Application Name={name}",
            ["Database:MaxIdleInTransaction"] = "00:01:00", // what a test holds on a busy machine is not taken away
            ["Snowflake:WorkerId"] = $"{number}",
            ["Messaging:PollInterval"] = "00:00:00.020",
        });
        builder.Services.AddSingleton<ITransport>(transport);
        builder.AddDatabase<PlainDbContext>();
        builder.AddMessaging<PlainDbContext, Deaf>("sender", destinations);
        var host = builder.Build();
        await host.StartAsync();
        return new RelayReplica(name, host, transport);
    }

    /// <summary>Writes a message with this id to each destination, in a transaction of its own for each id.</summary>
    public async Task SendAsync(IEnumerable<int> ids, string[] destinations)
    {
        foreach (var id in ids)
        {
            await Database.WriteAsync(
                db =>
                {
                    foreach (var destination in destinations)
                    {
                        db.Send(destination, new TakeStock(id));
                    }

                    return Task.CompletedTask;
                },
                CancellationToken.None);
        }
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Transport.Release();
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class Deaf : IEnvelopeHandler<PlainDbContext>
    {
        public Task HandleAsync(PlainDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody writes to it.");
    }
}
