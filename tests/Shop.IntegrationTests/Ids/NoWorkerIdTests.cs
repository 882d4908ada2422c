using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Shop.BuildingBlocks.Ids;
using Shop.Contracts;
using Shop.IntegrationTests.Support;

namespace Shop.IntegrationTests.Ids;

/// <summary>What callers see of a service that may make no ids.</summary>
public sealed class NoWorkerIdTests
{
    [Fact]
    public async Task What_needs_an_id_is_refused_for_now_and_the_same_request_succeeds_later()
    {
        await using var shop = await EmbeddedShopHost.StartAsync();
        using var customer = await shop.CustomerAsync();
        var balance = await customer.BalanceAsync();
        var generators = ((string[])[ServiceNames.Ordering, ServiceNames.Payments]).ToDictionary(s => s, s => shop.App(s).Services.GetRequiredService<SnowflakeIdGenerator>());

        foreach (var generator in generators.Values)
        {
            generator.Revoke();
        }

        var order = await customer.OrderAsync("umbrella", 1, key: "o").ExpectProblem(HttpStatusCode.ServiceUnavailable, "overloaded");
        Assert.Equal("1", order.Header("Retry-After"));
        var deposit = await customer.DepositAsync(100, key: "d").ExpectProblem(HttpStatusCode.ServiceUnavailable, "dependency-unavailable");
        Assert.Equal("1", deposit.Header("Retry-After"));
        Assert.Equal(balance, await customer.BalanceAsync()); // what needs none is served

        foreach (var (worker, generator) in generators.Values.Index())
        {
            generator.Grant(WorkerGrant.Fixed(worker + 100));
        }

        await customer.DepositAsync(100, key: "d").Expect(HttpStatusCode.Created);
        await customer.OrderAsync("umbrella", 1, key: "o", prefer: "wait=20").Expect(HttpStatusCode.OK);
    }
}
