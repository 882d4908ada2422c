using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.IntegrationTests.Support;
using Shop.Inventory.Catalogue;
using static Shop.IntegrationTests.Inventory.StockOperationTests;

namespace Shop.IntegrationTests.Inventory;

public sealed class ProductRouteTests
{
    private static readonly CatalogueItem[] Catalogue =
    [
        new("cup-blue", "Blue Cup", "Holds tea.", new Money(4_99, "EUR"), 7),
        new("cup-red", "Red Cup", "Holds tea too.", new Money(5_49, "EUR"), 0),
        new("jug", "Überlaufkrug 50%_off", "Overflows.", new Money(20_00, "EUR"), 3),
        new("pot", "Pot", "Holds much tea.", new Money(30_00, "EUR"), 1),
    ];

    [Fact]
    public async Task A_product_is_shown_with_what_is_available_now()
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);
        await inventory.AskAsync(Reserve(1, ("cup-blue", 2)));

        var product = await inventory.Service.GetAsync<JsonObject>("/api/v1/products/cup-blue");

        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"sku":"cup-blue","name":"Blue Cup","description":"Holds tea.","price":{"amount":499,"currency":"EUR"},"available":5}"""),
            product), product.ToJsonString());
    }

    [Fact]
    public async Task An_unknown_product_is_a_problem()
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);

        foreach (var path in new[] { "/api/v1/products/unicorn", "/api/v1/products/unicorn/stock", "/internal/products/unicorn" })
        {
            await HttpAssert.ProblemAsync(await inventory.Service.Client.GetAsync(path), HttpStatusCode.NotFound, "not-found");
        }
    }

    [Fact]
    public async Task A_product_that_has_not_changed_is_not_sent_again_and_one_that_was_sold_is()
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);
        var first = await inventory.Service.Client.GetAsync("/api/v1/products/cup-blue");

        Assert.Equal(HttpStatusCode.NotModified, (await IfNoneMatchAsync(first.Headers.ETag!)).StatusCode);
        await inventory.AskAsync(Reserve(1, ("cup-blue", 2)));
        Assert.Equal(HttpStatusCode.OK, (await IfNoneMatchAsync(first.Headers.ETag!)).StatusCode);

        async Task<HttpResponseMessage> IfNoneMatchAsync(EntityTagHeaderValue etag)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/products/cup-blue");
            request.Headers.IfNoneMatch.Add(etag);
            return await inventory.Service.Client.SendAsync(request);
        }
    }

    [Fact]
    public async Task Pages_follow_one_another_to_the_end()
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);
        var seen = new List<string>();

        for (var path = "/api/v1/products?limit=3"; path is not null;)
        {
            var page = await inventory.Service.GetAsync<JsonObject>(path);
            seen.AddRange(page["items"]!.AsArray().Select(item => (string)item!["sku"]!));
            path = (string?)page["next"] is { } next ? $"/api/v1/products?limit=3&cursor={next}" : null;
        }

        Assert.Equal(["cup-blue", "cup-red", "jug", "pot"], seen);
    }

    [Theory]
    [InlineData("cup", new[] { "cup-blue", "cup-red" })]
    [InlineData("RED", new[] { "cup-red" })]
    [InlineData("ÜBERLAUF", new[] { "jug" })]
    [InlineData("%", new[] { "jug" })]
    [InlineData("_", new[] { "jug" })]
    [InlineData("'", new string[0])]
    public async Task A_search_finds_names_and_skus_without_regard_to_case_and_without_wildcards(string q, string[] expected)
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);

        var page = await inventory.Service.GetAsync<JsonObject>($"/api/v1/products?q={Uri.EscapeDataString(q)}");

        Assert.Equal(expected, page["items"]!.AsArray().Select(item => (string)item!["sku"]!));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("cursor=%21")]
    public async Task A_page_that_cannot_be_is_a_validation_problem(string query)
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);

        await HttpAssert.ProblemAsync(
            await inventory.Service.Client.GetAsync($"/api/v1/products?{query}"), HttpStatusCode.BadRequest, "validation-failed");
    }

    [Theory]
    [InlineData("", "strong")]
    [InlineData("?consistency=eventual", "eventual")]
    public async Task Stock_says_how_fresh_it_is(string query, string level)
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);
        await inventory.AskAsync(Reserve(1, ("cup-blue", 2)));

        var response = await inventory.Service.Client.GetAsync($"/api/v1/products/cup-blue/stock{query}");

        var stock = await HttpAssert.OkAsync<JsonObject>(response);
        Assert.Equal("""{"sku":"cup-blue","onHand":7,"reserved":2,"available":5,"version":2}""", stock.ToJsonString());
        Assert.Equal($"level={level}, staleness-ms=0, source=primary", Assert.Single(response.Headers.GetValues("Shop-Consistency")));
        Assert.Equal("\"2\"", response.Headers.ETag?.Tag);
    }

    [Fact]
    public async Task A_consistency_that_does_not_exist_is_a_validation_problem()
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);

        var problem = await HttpAssert.ProblemAsync(
            await inventory.Service.Client.GetAsync("/api/v1/products/cup-blue/stock?consistency=perfect"), HttpStatusCode.BadRequest, "validation-failed");

        Assert.NotNull(problem["errors"]?["consistency"]);
    }

    [Fact]
    public async Task Other_services_get_every_product_as_a_snapshot()
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);

        var all = await inventory.Service.GetAsync<List<ProductSnapshot>>("/internal/products");

        Assert.Equal(Catalogue.Select(item => new ProductSnapshot(item.Sku, item.Name, item.Price, 1)), all);
        Assert.Equal(all[3], await inventory.Service.GetAsync<ProductSnapshot>("/internal/products/pot"));
    }

    [Theory]
    [InlineData("/internal/products")]
    [InlineData("/internal/facts")]
    [InlineData("/ops/dead-letters")]
    public async Task Without_a_key_nobody_sees_what_is_internal(string path)
    {
        await using var inventory = await InventoryHost.StartAsync(Catalogue);
        using var stranger = new HttpClient { BaseAddress = inventory.Service.Client.BaseAddress };

        await HttpAssert.ProblemAsync(await stranger.GetAsync(path), HttpStatusCode.Unauthorized, "unauthorized");
    }
}
