using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Discovery;
using Shop.Contracts;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Discovery;

public sealed class ServiceInstancesTests : IAsyncLifetime
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(20);

    private ConsulProcess _consul = null!;
    private AppHost _one = null!;
    private AppHost _two = null!;
    private AppHost _caller = null!;

    public async Task InitializeAsync()
    {
        _consul = await ConsulProcess.StartAsync();
        _one = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1"));
        _two = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-2"));
        _caller = await AppHost.StartAsync(
            ServiceNames.Ordering,
            _consul.Settings("ordering-1", ("InternalClients:Timeout", "00:01:00"), ("InternalClients:AttemptTimeout", $"{Attempt}")), // a busy machine may be slow
            builder => builder.Services.AddInternalClient(ServiceNames.Inventory),
            _ => { });
        await Eventually.TrueAsync(() => Known().SequenceEqual(["inventory-1", "inventory-2"]));
    }

    public async Task DisposeAsync()
    {
        await _caller.DisposeAsync();
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _consul.DisposeAsync();
    }

    [Fact]
    public async Task A_caller_hears_of_replicas_that_come_and_go_and_no_call_fails()
    {
        using var calls = new SteadyCalls(() => AnswersAsync(1));

        await calls.MakeAsync(5);
        await _two.StopAsync();
        await Eventually.TrueAsync(() => Known().SequenceEqual(["inventory-1"]));
        await calls.MakeAsync(5);
        await using var three = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-3"));
        await Eventually.TrueAsync(() => Known().SequenceEqual(["inventory-1", "inventory-3"]));
        await calls.MakeAsync(5);
        await calls.StopAsync();
    }

    [Fact]
    public async Task Without_Consul_the_last_good_list_stays_and_is_called()
    {
        await _consul.DownAsync();

        await Eventually.StaysAsync(() => Known().SequenceEqual(["inventory-1", "inventory-2"]), seconds: 2);
        Assert.Equal(["inventory-1", "inventory-2"], await AnswersAsync(20));
    }

    [Fact]
    public async Task A_registry_that_says_that_nobody_is_left_is_not_believed_and_that_one_is_left_is()
    {
        await _consul.PutAsync("agent/service/maintenance/inventory-1?enable=true");
        await Eventually.TrueAsync(() => Known().SequenceEqual(["inventory-2"]));

        await _consul.PutAsync("agent/service/maintenance/inventory-2?enable=true");
        await Eventually.TrueAsync(() => _caller.Get<ServiceInstances>().Of(ServiceNames.Inventory).IsLastGood);

        Assert.Equal(["inventory-2"], Known());
        Assert.Equal(["inventory-2"], await AnswersAsync(5));
    }

    [Fact]
    public async Task After_a_restart_with_empty_data_the_watch_goes_on()
    {
        await _consul.RestartEmptyAsync();
        await Eventually.EqualAsync(["inventory-1", "inventory-2"], async () => await _consul.PassingAsync(ServiceNames.Inventory));

        await _two.StopAsync();

        await Eventually.TrueAsync(() => Known().SequenceEqual(["inventory-1"]));
    }

    [Fact]
    public async Task A_call_carries_the_time_that_is_left_and_ends_with_it()
    {
        using var client = _caller.Get<IHttpClientFactory>().CreateClient(ServiceNames.Inventory);

        Assert.InRange(await DeadlineAsync(client) ?? 0, 1, Attempt.TotalMilliseconds); // one attempt of a call that may be repeated
        using var streaming = _caller.Get<IHttpClientFactory>().CreateClient(ServiceNames.Inventory).WithoutTimeout();
        Assert.Null(await DeadlineAsync(streaming));
    }

    private static async Task<int?> DeadlineAsync(HttpClient client)
    {
        var answer = System.Text.Json.Nodes.JsonNode.Parse(await client.GetStringAsync("api/v1/products/tea"))!;
        return int.TryParse(answer["deadline"]!.GetValue<string>(), out var milliseconds) ? milliseconds : null;
    }

    private async Task<string[]> AnswersAsync(int calls)
    {
        var answered = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < calls; i++)
        {
            using var client = _caller.Get<IHttpClientFactory>().CreateClient(ServiceNames.Inventory);
            using var response = await client.GetAsync("api/v1/products/tea");
            response.EnsureSuccessStatusCode();
            answered.UnionWith(response.Headers.GetValues(ShopHeaders.Instance));
        }

        return [.. answered];
    }

    private IEnumerable<string> Known() => _caller.Get<ServiceInstances>().Of(ServiceNames.Inventory).Instances.Select(instance => instance.InstanceId);
}
