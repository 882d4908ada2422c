using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Leadership;
using Shop.BuildingBlocks.Messaging;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts.Messages;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Storage;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Leadership;

/// <summary>One replica of a service with one exclusive duty: to count.</summary>
internal sealed class DutyReplica : IAsyncDisposable
{
    public const string Duty = "counting";

    private readonly AppHost _app;
    private readonly ConsulLink _link;

    private DutyReplica(string name, AppHost app, ConsulLink link, SkewedClock clock)
    {
        (Name, _app, _link, Clock) = (name, app, link, clock);
    }

    public string Name { get; }

    public SkewedClock Clock { get; }

    /// <summary>The lead that it believes to have.</summary>
    public Lead? Lead => _app.Get<Leaders>().Of(Duty);

    public EpochFence<PlainDbContext> Fence => _app.Get<EpochFence<PlainDbContext>>();

    public Database<PlainDbContext> Database => _app.Get<Database<PlainDbContext>>();

    /// <param name="name">The stable name of the replica.</param>
    /// <param name="database">Shared by the replicas.</param>
    /// <param name="consulPort">Where it is elected; it gets a link of its own.</param>
    /// <param name="more">Settings.</param>
    public static async Task<DutyReplica> StartAsync(string name, string database, string consulPort, params (string Key, string Value)[] more)
    {
        var link = await ConsulLink.OpenAsync(consulPort);
        var clock = new SkewedClock();
        var settings = new Dictionary<string, string?>
        {
            ["Shop:Instance"] = name,
            ["Consul:Host"] = "127.0.0.1",
            ["Consul:Port"] = link.Port,
            ["Consul:Timeout"] = "00:00:30", // a link that is cut refuses at once; a Consul that is only slow ends no term
            ["Consul:Discovery:Register"] = "false",
            ["Consul:Config:StartWait"] = "00:00:00.100",
            ["Database:Provider"] = nameof(DatabaseProvider.Postgres),
            ["Database:ConnectionString"] = $"{database};Application Name={name};Maximum Pool Size=10",
            ["Database:MaxIdleInTransaction"] = "00:01:00",
            ["Leadership:RenewEvery"] = "00:00:00.500",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        var app = await AppHost.StartAsync(
            "counter",
            settings,
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.AddSingleton<ITransport>(new RecordingTransport());
                builder.AddDatabase<PlainDbContext>();
                builder.AddMessaging<PlainDbContext, Deaf>("counter");
                builder.AddDuty<PlainDbContext>(Duty);
            },
            app => app.MapLeaders<PlainDbContext>());
        return new DutyReplica(name, app, link, clock);
    }

    /// <summary>One write under a lead: a row that says by whom and with which epoch.</summary>
    public Task CountAsync(Lead lead, Func<Task>? meanwhile = null) => Database.WriteAsync(
        _app.Get<Leaders>(),
        lead,
        async db =>
        {
            await db.Database.ExecuteSqlAsync($"INSERT INTO counted VALUES ({lead.Epoch}, {Name})");
            await (meanwhile?.Invoke() ?? Task.CompletedTask);
        },
        CancellationToken.None);

    /// <summary>What it says at <c>/ops/leaders</c>.</summary>
    public async Task<JsonNode> ViewAsync() => (await _app.Client.GetFromJsonAsync<JsonArray>("/ops/leaders"))!.Single()!;

    public void CutFromConsul() => _link.Cut();

    public void Reconnect() => _link.Heal();

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _link.DisposeAsync();
    }

    private sealed class Deaf : IEnvelopeHandler<PlainDbContext>
    {
        public Task HandleAsync(PlainDbContext db, IReadOnlyList<Message> messages, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Nobody writes to it.");
    }
}
