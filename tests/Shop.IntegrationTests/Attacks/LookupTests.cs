using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shop.Contracts;
using Shop.IntegrationTests.Discovery;
using Shop.IntegrationTests.Support;
using Shop.Ordering;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Attacks;

/// <summary>Ordering in front of an inventory that says what the test wants.</summary>
public sealed class LookupTests
{
    private const string NoProducts = "[]";

    [Fact]
    public async Task An_order_of_fifty_unknown_SKUs_asks_inventory_for_one_of_them_only()
    {
        var lookups = 0;
        await using var inventory = await InventoryAsync(() => NoProducts, () => Interlocked.Increment(ref lookups));
        using var directory = new TempDirectory();
        await using var ordering = await OrderingAsync(directory, inventory);

        var lines = string.Join(',', Enumerable.Range(1, 50).Select(i => $$"""{"sku":"nothing-{{i}}","quantity":1}"""));
        using var answer = await ordering.SendAsync(new Customer(1, "ann"), HttpMethod.Post, "/api/v1/orders", $$"""{"lines":[{{lines}}]}""", "key");

        var problem = await HttpAssert.ProblemAsync(answer, HttpStatusCode.BadRequest, "validation-failed");
        Assert.Equal(50, problem["errors"]!.AsObject().Count);
        Assert.Equal(1, lookups);
    }

    [Theory]
    [InlineData("""[{"sku":"umbrella","name":"Umbrella","price":{"amount":19""")]
    [InlineData("null")]
    public async Task A_list_of_products_that_cannot_be_read_is_asked_for_again_and_ends_nothing(string list)
    {
        var lists = 0;
        await using var inventory = await InventoryAsync(() => Interlocked.Increment(ref lists) > 2 ? NoProducts : list, () => { });
        using var directory = new TempDirectory();
        await using var ordering = await OrderingAsync(directory, inventory);

        await Eventually.TrueAsync(() => lists > 2);

        using var answer = await ordering.SendAsync(new Customer(1, "ann"), HttpMethod.Post, "/api/v1/orders", """{"lines":[{"sku":"nothing","quantity":1}]}""", "key");
        await HttpAssert.ProblemAsync(answer, HttpStatusCode.BadRequest, "validation-failed");
    }

    private static async Task<WebApplication> InventoryAsync(Func<string> list, Action lookup)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var inventory = builder.Build();
        inventory.MapGet("/internal/products", () => Results.Text(list(), "application/json"));
        inventory.MapGet("/internal/products/{sku}", () =>
        {
            lookup();
            return Results.NotFound();
        });
        await inventory.StartAsync();
        return inventory;
    }

    private static Task<ServiceHost> OrderingAsync(TempDirectory directory, WebApplication inventory) => ServiceHost.StartAsync(
        ServiceNames.Ordering,
        builder => builder.AddOrdering(),
        app => app.MapOrdering(),
        Path.Combine(directory.Path, "ordering.db"),
        new() { ["Services:inventory:0"] = inventory.Urls.First(), ["Services:payments:0"] = inventory.Urls.First() });
}
