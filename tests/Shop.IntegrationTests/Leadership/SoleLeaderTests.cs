using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Leadership;
using Shop.BuildingBlocks.Storage;
using Shop.Contracts;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.Ordering.Invariants;
using Shop.Ordering.Storage;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Shop.IntegrationTests.Leadership;

/// <summary>The embedded shop leads its duties by itself, under the same fence.</summary>
public sealed class SoleLeaderTests
{
    [Fact]
    public async Task The_one_process_leads_and_each_start_begins_an_epoch()
    {
        using var directory = new TempDirectory();
        for (var start = 1; start <= 2; start++)
        {
            await using var shop = await EmbeddedShopHost.StartAsync(directory: directory.Path);
            var services = shop.App(ServiceNames.Ordering).Services;
            var lead = await services.GetRequiredService<Leaders>().WaitAsync(InvariantWatch.Duty, new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
            Assert.Equal(start, lead.Epoch);

            var view = (await shop.Operator.GetFromJsonAsync<JsonArray>($"{shop.OrderingAddress}/ops/leaders"))!
                .Single(duty => duty!["duty"]!.GetValue<string>() == InvariantWatch.Duty)!;
            Assert.Equal(start, view["lead"]!["epoch"]!.GetValue<long>());
        }
    }

    [Fact]
    public async Task A_write_with_an_older_epoch_changes_nothing_and_is_counted()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        var services = shop.App(ServiceNames.Ordering).Services;
        var (leaders, database) = (services.GetRequiredService<Leaders>(), services.GetRequiredService<Database<OrderingDbContext>>());
        var lead = await leaders.WaitAsync(InvariantWatch.Duty, new CancellationTokenSource(TimeSpan.FromMinutes(1)).Token);
        await Eventually.TrueAsync(() => database.ReadAsync(db => db.Products.AnyAsync(), CancellationToken.None)); // they come from inventory, after the start
        await services.GetRequiredService<EpochFence<OrderingDbContext>>().BeginAsync(lead.Duty, "another", () => true, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<NotLeaderException>(() => database.WriteAsync(
            leaders, lead, db => db.Database.ExecuteSqlAsync($"DELETE FROM products"), CancellationToken.None));

        Assert.Equal(lead.Epoch + 1, refused.Current);
        Assert.True(await database.ReadAsync(db => db.Products.AnyAsync(), CancellationToken.None));
        Assert.Equal(1, await database.ReadAsync(db => db.DutyEpochs.Where(e => e.Duty == lead.Duty).Select(e => e.Refused).SingleAsync(), CancellationToken.None));
    }

    [Fact]
    public async Task The_watch_keeps_its_verdicts_and_sees_what_is_broken()
    {
        await using var shop = await EmbeddedShopHost.StartAsync(settings: [("Invariants:WatchEvery", "00:00:00.100")]);
        using var customer = await shop.CustomerAsync();
        await customer.OrderAsync("umbrella", 1, prefer: "wait=20").Expect(System.Net.HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await LastAsync()) is { } check && check["holds"]!.GetValue<bool>() && check["orders"]!.GetValue<long>() == 1);

        await shop.App(ServiceNames.Ordering).Services.GetRequiredService<Database<OrderingDbContext>>()
            .WriteAsync(db => db.Invoices.ExecuteDeleteAsync(), CancellationToken.None);
        await Eventually.TrueAsync(async () => (await LastAsync()) is { } check && check["violations"]!.GetValue<long>() == 1);

        async Task<JsonNode?> LastAsync() =>
            (await shop.Operator.GetFromJsonAsync<JsonNode>($"{shop.OrderingAddress}/ops/invariants/checks?limit=1"))!["items"]!.AsArray().SingleOrDefault();
    }

    [Fact]
    public async Task A_duty_that_nobody_registered_is_an_error_of_the_caller()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        Assert.Throws<ArgumentException>(() => shop.App(ServiceNames.Ordering).Services.GetRequiredService<Leaders>().Of("nobody-s"));
    }
}
