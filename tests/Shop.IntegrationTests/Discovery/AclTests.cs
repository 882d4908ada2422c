using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Discovery;
using Shop.Contracts;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Discovery;

/// <summary>What a process needs to be allowed, and that it lives without it.</summary>
public sealed class AclTests
{
    private const string Rules = """
        service "inventory" { policy = "write" }
        service_prefix "" { policy = "read" }
        node_prefix "" { policy = "read" }
        key_prefix "config/" { policy = "list" }
        """;

    [Fact]
    public async Task The_documented_rules_are_enough_to_register_to_watch_and_to_read_settings()
    {
        await using var consul = await ConsulProcess.StartAsync(withAcl: true);
        await consul.SetAsync(("config/inventory/Routing/Weights/inventory-1", "5"));
        var settings = consul.Settings("inventory-1", ("Consul:Token", await consul.TokenAsync(Rules)));

        await using var app = await AppHost.StartAsync(
            ServiceNames.Inventory, settings, builder => builder.Services.AddInternalClient(ServiceNames.Inventory), _ => { });

        await Eventually.TrueAsync(() => app.Get<ServiceInstances>().Of(ServiceNames.Inventory).Instances.Any(instance => instance is { InstanceId: "inventory-1", Weight: 5 }));
        await app.StopAsync();
        Assert.Null(await consul.EntryAsync("inventory-1"));
    }

    [Fact]
    public async Task A_process_that_Consul_does_not_let_in_serves_all_the_same()
    {
        await using var consul = await ConsulProcess.StartAsync(withAcl: true);

        await using var app = await AppHost.ReplicaAsync(
            ServiceNames.Inventory, consul.Settings("inventory-1", ("Consul:Token", "6d2e2f4c-0000-4000-8000-00000000dead"), ("Consul:Config:StartWait", "00:00:00.200")));

        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/health/ready")).StatusCode);
        Assert.Null(await consul.EntryAsync("inventory-1"));
    }
}
