using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Shop.IntegrationTests.Support;
using Shop.Lab.Cluster;
using Shop.Lab.Cluster.Servers;

namespace Shop.IntegrationTests.Cluster;

/// <summary>Messages that no service of the shop has sent: parked where operators look, or refused by the broker.</summary>
[Collection(SharedCluster.Name)]
public sealed class ForgedMessageTests(ClusterFixture fixture)
{
    private const ushort AccessRefused = 403;
    private const string Inventory = "shop.inventory";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private ShopCluster Cluster => fixture.Cluster;

    [Fact]
    public async Task What_is_no_message_is_parked_and_changes_nothing()
    {
        await fixture.QuietInvariantsAsync(Patience);
        using var customer = await PatientBuyer.NewcomerAsync(fixture.Address);
        var stock = (await customer.StockAsync("umbrella")).ToJsonString();
        var processes = await ProcessesAsync();

        var mark = $"forged-{Guid.NewGuid():N}";
        string[] forged =
        [
            $"{mark}-0 this is no JSON",
            MassTransit("urn:message:System.Diagnostics:Process", new { fileName = $"{mark}-1" }),
            Envelope($$"""[{"$type":"System.IO.FileInfo, System.IO.FileSystem","type":"delete-everything","mark":"{{mark}}-2"}]"""),
            Envelope($$"""["{{mark}}-3",{{new string('[', 50_000)}}"""),
            $"[\"{mark}-4\",{new string('[', 500_000)}",
            Envelope($"{mark}-5 {new string('x', 8_000_000)}"),
            Envelope($"\0{mark}-6"), // PostgreSQL cannot hold this as it is
            MassTransit("urn:message:Shop.BuildingBlocks.Messaging:Envelope", new { source = $"{mark}-7", destination = "inventory", parts = (string[]?)null }),
        ];
        await using (var connection = await ConnectAsync("ordering"))
        await using (var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)))
        {
            foreach (var body in forged)
            {
                var properties = new BasicProperties { ContentType = "application/vnd.masstransit+json", Persistent = true };
                await channel.BasicPublishAsync(Inventory, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body));
            }
        }

        var missing = Enumerable.Range(0, forged.Length).Select(i => $"{mark}-{i}").ToList();
        for (var waited = TimeSpan.Zero; missing.Count > 0; waited += TimeSpan.FromMilliseconds(100))
        {
            Assert.True(waited < Patience, $"Not parked: {string.Join(", ", missing)}");
            await Task.Delay(100);
            var letters = await DeadLettersAsync();
            missing.RemoveAll(letter => letters.Any(text => text.Contains(letter, StringComparison.Ordinal)));
        }

        Assert.Equal(processes, await ProcessesAsync());
        Assert.Equal(stock, (await customer.StockAsync("umbrella")).ToJsonString());
        var order = await customer.OrderAsync("umbrella").Expect(HttpStatusCode.Accepted);
        Assert.Equal("confirmed", (await customer.FinalAsync(order.Body["id"]!.GetValue<string>(), Patience.TotalSeconds))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_service_can_take_from_no_queue_but_its_own_and_publish_to_no_exchange_but_the_shops()
    {
        await using var connection = await ConnectAsync("payments");
        await using (var reader = await connection.CreateChannelAsync())
        {
            var refused = await Assert.ThrowsAsync<OperationInterruptedException>(() => reader.BasicGetAsync("shop.ordering", autoAck: false));
            Assert.Equal(AccessRefused, refused.ShutdownReason!.ReplyCode);
        }

        await using var writer = await connection.CreateChannelAsync();
        var closed = new TaskCompletionSource<ushort>(TaskCreationOptions.RunContinuationsAsynchronously);
        writer.ChannelShutdownAsync += (_, reason) =>
        {
            closed.TrySetResult(reason.ReplyCode);
            return Task.CompletedTask;
        };
        await writer.BasicPublishAsync("amq.direct", "", Encoding.UTF8.GetBytes(Envelope("[]")));
        Assert.Equal(AccessRefused, await closed.Task.WaitAsync(Patience));
    }

    private static string Envelope(string part) =>
        MassTransit("urn:message:Shop.BuildingBlocks.Messaging:Envelope", new { source = "ordering", destination = "inventory", parts = new[] { part } });

    private static string MassTransit(string type, object message) =>
        JsonSerializer.Serialize(new { messageId = Guid.NewGuid(), messageType = new[] { type }, message });

    private Task<IConnection> ConnectAsync(string service) => new ConnectionFactory
    {
        HostName = "127.0.0.1",
        Port = Cluster.Connections.Ports.RabbitMq,
        VirtualHost = RabbitMqServer.VirtualHost,
        UserName = service,
        Password = Cluster.Secrets.Messaging[service],
    }.CreateConnectionAsync();

    private async Task<List<string>> DeadLettersAsync()
    {
        var address = $"http://127.0.0.1:{Cluster.Connections.Ports.Inventory(1)}/ops/dead-letters?limit=100";
        var page = JsonNode.Parse(await fixture.Operator.GetStringAsync(new Uri(address)))!;
        return [.. page["items"]!.AsArray().Select(letter => $"{letter!["source"]} {letter["payload"]}")];
    }

    private async Task<List<(string, int?)>> ProcessesAsync() =>
        [.. (await Cluster.StatusAsync()).Where(process => process.Name.StartsWith("inventory", StringComparison.Ordinal)).Select(process => (process.Name, process.Id))];
}
