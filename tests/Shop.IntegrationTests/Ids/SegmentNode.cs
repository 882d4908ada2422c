using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.BuildingBlocks.Ids.Segments;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Ids;

/// <summary>One process that takes numbers of a series from a database.</summary>
internal sealed class SegmentNode : IAsyncDisposable
{
    private const string Series = "numbers";

    private readonly IHost _host;

    private SegmentNode(IHost host) => _host = host;

    public SegmentIdGenerator Numbers => _host.Services.GetRequiredKeyedService<SegmentIdGenerator>(Series);

    public static Task<SegmentNode> OnPostgresAsync(string database, params (string Key, string Value)[] more) => StartAsync(
        [("Database:Provider", nameof(DatabaseProvider.Postgres)), ("Database:ConnectionString", $"{database};Maximum Pool Size=5"), .. more]);

    public static Task<SegmentNode> OnSqliteAsync(string path, params (string Key, string Value)[] more) => StartAsync([("Database:Path", path), .. more]);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task<SegmentNode> StartAsync((string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        builder.Services.AddSingleton<ITransport>(new RecordingTransport());
        builder.AddDatabase<PlainDbContext>();
        builder.AddMessaging<PlainDbContext, Deaf>("numbering");
        builder.AddSeries<PlainDbContext>(Series);
        var host = builder.Build();
        await host.StartAsync();
        return new SegmentNode(host);
    }

    private sealed class Deaf : IEnvelopeHandler<PlainDbContext>
    {
        public Task HandleAsync(PlainDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody writes to it.");
    }
}
