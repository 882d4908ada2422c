using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Discovery;
using Shop.Contracts;

namespace Shop.IntegrationTests.Discovery;

public sealed class RegistrationTests : IAsyncLifetime
{
    private ConsulProcess _consul = null!;

    public async Task InitializeAsync() => _consul = await ConsulProcess.StartAsync();

    public async Task DisposeAsync() => await _consul.DisposeAsync();

    [Fact]
    public async Task A_process_that_listens_is_found_under_its_stable_name_with_its_metadata()
    {
        await using var replica = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings(
            "inventory-7", ("Consul:Discovery:Metadata:weight", "3"), ("Consul:Discovery:InstanceZone", "east"), ("Consul:Discovery:Tags:0", "canary")));

        await Eventually.EqualAsync(["inventory-7"], Passing);
        var entry = (await _consul.EntryAsync("inventory-7"))!;
        Assert.Equal(("127.0.0.1", replica.Port), (entry["Address"]!.GetValue<string>(), entry["Port"]!.GetValue<int>()));
        Assert.Equal("""{"weight":"3","zone":"east"}""", entry["Meta"]!.ToJsonString());
        Assert.Equal("""["canary"]""", entry["Tags"]!.ToJsonString());
    }

    [Fact]
    public async Task A_process_that_stops_is_out_of_the_lists_while_it_still_serves_and_gone_when_it_has_stopped()
    {
        await using var replica = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1", ("Consul:Discovery:DrainTime", "00:00:05")));
        await Eventually.EqualAsync(["inventory-1"], Passing);

        var stop = replica.StopAsync();
        await Eventually.EqualAsync([], Passing);

        Assert.False(stop.IsCompleted);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await replica.Client.GetAsync("/health/ready")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await replica.Client.GetAsync("/api/v1/products/tea")).StatusCode);
        Assert.NotNull(await _consul.EntryAsync("inventory-1"));
        await stop;
        Assert.Null(await _consul.EntryAsync("inventory-1"));
    }

    [Fact]
    public async Task A_process_that_Consul_has_forgotten_registers_again()
    {
        await using var replica = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1"));
        await Eventually.EqualAsync(["inventory-1"], Passing);

        await _consul.RestartEmptyAsync();

        await Eventually.EqualAsync(["inventory-1"], Passing);
    }

    [Fact]
    public async Task An_entry_that_an_earlier_life_left_in_maintenance_is_passing_again()
    {
        await using var replica = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1", ("Consul:Discovery:Deregister", "false")));
        await Eventually.EqualAsync(["inventory-1"], Passing);
        await replica.StopAsync();
        await _consul.PutAsync("agent/service/maintenance/inventory-1?enable=true");

        await using var again = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1"));

        await Eventually.EqualAsync(["inventory-1"], Passing);
        Assert.Equal(again.Port, (await _consul.EntryAsync("inventory-1"))!["Port"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_process_starts_without_Consul_and_registers_when_it_comes()
    {
        await using var late = ConsulProcess.NotStarted();
        await using var replica = await AppHost.ReplicaAsync(ServiceNames.Inventory, late.Settings("inventory-1", ("Consul:Config:StartWait", "00:00:00")));
        Assert.Equal(HttpStatusCode.OK, (await replica.Client.GetAsync("/health/ready")).StatusCode);

        await late.UpAsync();

        await Eventually.EqualAsync(["inventory-1"], async () => await late.PassingAsync(ServiceNames.Inventory));
    }

    [Fact]
    public async Task A_process_that_must_fail_fast_does_not_start_without_Consul()
    {
        await using var nobody = ConsulProcess.NotStarted();

        await Assert.ThrowsAsync<HttpRequestException>(() => AppHost.ReplicaAsync(
            ServiceNames.Inventory, nobody.Settings("inventory-1", ("Consul:Discovery:FailFast", "true"), ("Consul:Config:StartWait", "00:00:00"))));
    }

    [Fact]
    public async Task A_heartbeat_keeps_an_instance_passing_and_ends_with_the_process()
    {
        await using var replica = await AppHost.ReplicaAsync(
            ServiceNames.Inventory,
            _consul.Settings("inventory-1", ("Consul:Discovery:Heartbeat:Enabled", "true"), ("Consul:Discovery:Heartbeat:TtlValue", "1"), ("Consul:Discovery:Deregister", "false")));
        await Eventually.EqualAsync(["inventory-1"], Passing);
        await Task.Delay(TimeSpan.FromSeconds(2)); // longer than it lives without a beat
        await Eventually.EqualAsync(["inventory-1"], Passing); // a beat of a busy machine may be late

        await replica.StopAsync();

        await Eventually.EqualAsync([], Passing);
    }

    [Fact]
    public async Task The_client_has_the_shape_and_the_answers_of_Steeltoes()
    {
        await using var replica = await AppHost.ReplicaAsync(ServiceNames.Inventory, _consul.Settings("inventory-1"));
        await Eventually.EqualAsync(["inventory-1"], Passing);
        var client = replica.Get<IDiscoveryClient>();

        Assert.Contains(ServiceNames.Inventory, await client.GetServiceIdsAsync(default));
        var instance = Assert.Single(await client.GetInstancesAsync(ServiceNames.Inventory, default));
        Assert.Equal((instance.InstanceId, instance.Uri), (client.GetLocalServiceInstance()!.InstanceId, client.GetLocalServiceInstance()!.Uri));

        await client.ShutdownAsync(default);
        Assert.Null(await _consul.EntryAsync("inventory-1"));
    }

    private async Task<IReadOnlyList<string>> Passing() => await _consul.PassingAsync(ServiceNames.Inventory);
}
