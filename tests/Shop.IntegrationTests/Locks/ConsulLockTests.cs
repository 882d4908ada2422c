using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shop.BuildingBlocks.Discovery;
using Shop.BuildingBlocks.Locks;
using Shop.IntegrationTests.Discovery;
using Xunit.Abstractions;

namespace Shop.IntegrationTests.Locks;

public sealed class ConsulLockTests(ITestOutputHelper output, ConsulLockTests.Agent agent) : ServerLockConformance(output), IClassFixture<ConsulLockTests.Agent>
{
    private readonly List<ConsulClient> _clients = [];

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        using var http = new HttpClient();
        JsonArray? sessions = null;
        await Eventually.TrueAsync(async () =>
        {
            sessions = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{agent.Consul.Port}/v1/session/list");
            return sessions!.All(session => (string?)session!["Name"] != Resource); // a lock that was lost is given back while its holder goes on
        });
        Assert.All(sessions!, session => Assert.NotEqual("", (string?)session!["TTL"])); // those of holders that are gone end by themselves
    }

    internal override ILocks Make(LockOptions options, TimeProvider clock)
    {
        var settings = new ConsulOptions
        {
            Host = "127.0.0.1",
            Port = int.Parse(agent.Consul.Port, CultureInfo.InvariantCulture),
            Timeout = TimeSpan.FromSeconds(30),
        };
        var client = new ConsulClient(
            new SocketsHttpHandler { UseProxy = false }, Options.Create(settings), "test", TimeProvider.System, NullLogger<ConsulClient>.Instance);
        _clients.Add(client);
        return new ConsulLocks(client, Options.Create(options), clock, NullLogger<ConsulLocks>.Instance);
    }

    protected override async Task TakeAwayAsync()
    {
        using var http = new HttpClient();
        var keys = await http.GetFromJsonAsync<JsonArray>($"http://127.0.0.1:{agent.Consul.Port}/v1/kv/shop/locks/{Resource}");
        await agent.Consul.PutAsync($"kv/shop/locks/{Resource}?release={keys![0]!["Session"]}");
    }

    public sealed class Agent : IAsyncLifetime
    {
        internal ConsulProcess Consul { get; private set; } = null!;

        public async Task InitializeAsync() => Consul = await ConsulProcess.StartAsync();

        public async Task DisposeAsync() => await Consul.DisposeAsync();
    }
}
