using System.Net;
using Microsoft.Extensions.Hosting;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Discovery;

public sealed class GatewayDiscoveryTests : IAsyncLifetime
{
    private readonly int _operatorPort = Ports.Free(2);
    private ConsulProcess _consul = null!;
    private AppHost _one = null!;
    private AppHost _two = null!;
    private AppHost _gateway = null!;

    public async Task InitializeAsync()
    {
        _consul = await ConsulProcess.StartAsync();
        _one = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1"));
        _two = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-2", ("Consul:Discovery:Metadata:weight", "3")));
        await Eventually.EqualAsync(["inventory-1", "inventory-2"], async () => await _consul.PassingAsync(ServiceNames.Inventory));
        _gateway = await AppHost.GatewayAsync(_consul.Settings(
            "gateway-1",
            ("urls", $"http://127.0.0.1:{_operatorPort + 1};http://127.0.0.1:{_operatorPort}"),
            ("Proxy:OperatorPort", $"{_operatorPort}")));
        await Eventually.TrueAsync(async () => (await AnswersAsync(4)).Count == 2);
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _consul.DisposeAsync();
    }

    [Fact]
    public async Task Requests_are_shared_out_by_the_weights_of_the_registry()
    {
        var answers = await AnswersAsync(80);

        Assert.InRange(answers["inventory-1"], 15, 25);
        Assert.InRange(answers["inventory-2"], 55, 65);
    }

    [Fact]
    public async Task A_weight_from_the_store_moves_the_traffic_and_its_removal_moves_it_back()
    {
        await _consul.SetAsync(("config/application/Routing/Weights/inventory-2", "0"));
        await Eventually.TrueAsync(async () => (await AnswersAsync(10)).Keys.SequenceEqual(["inventory-1"]));

        await _consul.SetAsync(("config/application/Routing/Weights/inventory-2", "1"));
        await Eventually.TrueAsync(async () => (await AnswersAsync(10)).Count == 2);
    }

    [Fact]
    public async Task No_request_fails_while_replicas_are_replaced_one_by_one()
    {
        using var requests = new SteadyCalls(() => AnswersAsync(1));

        await requests.MakeAsync(5);
        await _one.StopAsync();
        await using var three = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-3"));
        await Eventually.EqualAsync(["inventory-2", "inventory-3"], async () => await _consul.PassingAsync(ServiceNames.Inventory));
        await requests.MakeAsync(5);
        await _two.StopAsync();
        await Eventually.TrueAsync(async () => (await AnswersAsync(5)).Keys.SequenceEqual(["inventory-3"]));
        await requests.MakeAsync(5);
        await requests.StopAsync();
    }

    [Fact]
    public async Task A_gateway_that_drains_serves_on_and_keeps_no_connection()
    {
        using var before = await _gateway.Client.GetAsync("/api/v1/products/tea");
        _gateway.Get<IHostApplicationLifetime>().StopApplication(); // it drains; nobody goes on to stop it here
        using var during = await _gateway.Client.GetAsync("/api/v1/products/tea");

        Assert.Equal((HttpStatusCode.OK, null), (before.StatusCode, before.Headers.ConnectionClose));
        Assert.Equal((HttpStatusCode.OK, true), (during.StatusCode, during.Headers.ConnectionClose));
    }

    [Fact]
    public async Task A_limit_and_a_switch_change_without_a_restart()
    {
        Assert.Equal(HttpStatusCode.OK, (await _gateway.Client.GetAsync("/openapi/v1.json")).StatusCode);

        await _consul.SetAsync(
            ("config/gateway/Limits/Anonymous/Permits", "2"), ("config/gateway/Limits/Anonymous/Window", "00:10:00"), ("config/gateway/Features/Docs", "false"));

        await Eventually.TrueAsync(async () => (await _gateway.Client.GetAsync("/openapi/v1.json")).StatusCode is HttpStatusCode.NotFound);

        // One section after the other is told of the change: the limit may come an instant later than the switch.
        await Eventually.TrueAsync(async () => (await _gateway.Client.GetAsync("/api/v1/products/tea")).StatusCode is HttpStatusCode.TooManyRequests);
        await _consul.SetAsync(("config/gateway/Limits/Anonymous/Permits", "5000"));
        await Eventually.TrueAsync(async () => (await _gateway.Client.GetAsync("/api/v1/products/tea")).IsSuccessStatusCode);
    }

    [Fact]
    public async Task The_settings_are_shown_on_the_operators_port_and_do_not_exist_on_the_public_one()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_operatorPort}/ops/config");
        using var inside = await _gateway.Client.SendAsync(request);
        using var outside = await _gateway.Client.GetAsync("/ops/config");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (inside.StatusCode, outside.StatusCode));
    }

    private async Task<SortedDictionary<string, int>> AnswersAsync(int requests)
    {
        var answers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < requests; i++)
        {
            using var response = await _gateway.Client.GetAsync("/api/v1/products/tea");
            response.EnsureSuccessStatusCode();
            var replica = response.Headers.GetValues(ShopHeaders.Instance).Single();
            answers[replica] = answers.GetValueOrDefault(replica) + 1;
        }

        return answers;
    }
}
