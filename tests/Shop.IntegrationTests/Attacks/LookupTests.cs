using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shop.Contracts;
using Shop.IntegrationTests.Support;
using Shop.Ordering;
using Shop.ServiceDefaults;

namespace Shop.IntegrationTests.Attacks;

public sealed class LookupTests
{
    [Fact]
    public async Task An_order_of_fifty_unknown_SKUs_asks_inventory_for_one_of_them_only()
    {
        var lookups = 0;
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var inventory = builder.Build();
        inventory.MapGet("/internal/products", () => Array.Empty<string>());
        inventory.MapGet("/internal/products/{sku}", () =>
        {
            Interlocked.Increment(ref lookups);
            return Results.NotFound();
        });
        await inventory.StartAsync();
        using var directory = new TempDirectory();
        await using var ordering = await ServiceHost.StartAsync(
            ServiceNames.Ordering,
            builder => builder.AddOrdering(),
            app => app.MapOrdering(),
            Path.Combine(directory.Path, "ordering.db"),
            new() { ["Services:inventory:0"] = inventory.Urls.First(), ["Services:payments:0"] = inventory.Urls.First() });

        var lines = string.Join(',', Enumerable.Range(1, 50).Select(i => $$"""{"sku":"nothing-{{i}}","quantity":1}"""));
        using var answer = await ordering.SendAsync(new Customer(1, "ann"), HttpMethod.Post, "/api/v1/orders", $$"""{"lines":[{{lines}}]}""", "key");

        var problem = await HttpAssert.ProblemAsync(answer, System.Net.HttpStatusCode.BadRequest, "validation-failed");
        Assert.Equal(50, problem["errors"]!.AsObject().Count);
        Assert.Equal(1, lookups);
    }
}
