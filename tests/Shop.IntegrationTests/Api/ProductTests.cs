using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

[Collection(SharedShop.Name)]
public sealed class ProductTests(ShopFixture shop)
{
    private readonly ShopClient _anonymous = shop.Host.Anonymous();

    [Fact]
    public async Task A_question_with_a_NUL_finds_nothing() => Assert.Equal(
        """{"items":[],"next":null}""", (await _anonymous.GetAsync("/api/v1/products?q=umbrella%00").Expect(OK)).Text);

    [Fact]
    public async Task A_product_is_open_to_everybody()
    {
        var sku = await shop.Host.ProductAsync(price: 1999, stock: 7);
        var product = (await _anonymous.GetAsync($"/api/v1/products/{sku}").Expect(OK)).Body;
        Assert.Equal(
            $$$"""{"sku":"{{{sku}}}","name":"Product {{{sku}}}","description":"For one test.","price":{"amount":1999,"currency":"EUR"},"available":7}""",
            product.ToJsonString());
    }

    [Theory]
    [InlineData("no-such-product")]
    [InlineData("UMBRELLA")]
    [InlineData("umbrella%20")]
    [InlineData("%E2%98%82")]
    [InlineData("'%20OR%201=1%20--")]
    public async Task An_unknown_SKU_is_a_404(string sku)
    {
        await _anonymous.GetAsync($"/api/v1/products/{sku}").ExpectProblem(NotFound, "not-found");
        await _anonymous.GetAsync($"/api/v1/products/{sku}/stock").ExpectProblem(NotFound, "not-found");
    }

    [Fact]
    public async Task The_ETag_of_a_product_changes_with_its_price_and_its_stock()
    {
        var sku = await shop.Host.ProductAsync(stock: 5);
        var path = $"/api/v1/products/{sku}";
        var first = (await _anonymous.GetAsync(path).Expect(OK)).Header("ETag")!;
        Assert.Matches("^\"[^\"]+\"$", first);

        foreach (var match in (string[])[first, $"W/{first}", $"\"other\", {first}", "*"])
        {
            var unchanged = await _anonymous.GetAsync(path, ("If-None-Match", match)).Expect(NotModified);
            Assert.Empty(unchanged.Text);
            Assert.Equal(first, unchanged.Header("ETag"));
        }

        await _anonymous.GetAsync(path, ("If-None-Match", "\"other\"")).Expect(OK);
        await _anonymous.GetAsync(path, ("If-None-Match", "garbage")).Expect(OK);

        using var customer = await shop.Host.CustomerAsync();
        await customer.OrderAsync(sku, prefer: "wait=30").Expect(OK);
        var second = (await _anonymous.GetAsync(path, ("If-None-Match", first)).Expect(OK)).Header("ETag");
        Assert.NotEqual(first, second);

        using var change = await shop.Host.Operator.PutAsync(
            $"{shop.Host.InventoryAddress}/ops/products/{sku}",
            System.Net.Http.Json.JsonContent.Create(new { name = "New", description = "", price = new { amount = 1, currency = "EUR" } }));
        change.EnsureSuccessStatusCode();
        Assert.NotEqual(second, (await _anonymous.GetAsync(path).Expect(OK)).Header("ETag"));
    }

    [Fact]
    public async Task A_walk_through_all_pages_meets_every_product_once()
    {
        var seen = new List<string>();
        string? path = "/api/v1/products?limit=100";
        var pages = 0;
        while (path is not null)
        {
            var reply = await _anonymous.GetAsync(path).Expect(OK);
            Assert.Equal(["items", "next"], reply.Body.AsObject().Select(member => member.Key));
            seen.AddRange(Skus(reply));
            var next = reply.Body["next"]?.GetValue<string>();
            path = NextOf(reply);
            Assert.Equal(next is null, path is null);
            Assert.True(next is null || path!.EndsWith($"cursor={Uri.EscapeDataString(next)}", StringComparison.Ordinal), path);
            pages++;
        }

        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
        Assert.True(seen.Count >= 1000, $"only {seen.Count} products");
        Assert.Equal((seen.Count + 99) / 100, pages);
    }

    [Fact]
    public async Task A_page_has_20_items_unless_told_otherwise()
    {
        Assert.Equal(20, Skus(await _anonymous.GetAsync("/api/v1/products").Expect(OK)).Count);
        Assert.Single(Skus(await _anonymous.GetAsync("/api/v1/products?limit=1").Expect(OK)));
        Assert.Equal(100, Skus(await _anonymous.GetAsync("/api/v1/products?limit=100").Expect(OK)).Count);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=abc", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1.5", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("cursor=", "cursor")]
    [InlineData("cursor=!!!", "cursor")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("cursor=bgAAAAAAAAAB", "cursor")]
    [InlineData("cursor=cwA", "cursor")]
    public async Task A_limit_or_cursor_that_is_none_is_a_400(string query, string member)
    {
        var reply = await _anonymous.GetAsync($"/api/v1/products?{query}").ExpectProblem(BadRequest, "validation-failed");
        Assert.Equal([member], reply.Body["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_cursor_that_is_too_long_is_a_400() =>
        await _anonymous.GetAsync($"/api/v1/products?cursor={new string('A', 2000)}").ExpectProblem(BadRequest, "validation-failed");

    [Fact]
    public async Task A_search_finds_names_and_SKUs_whatever_the_case_and_pages_through_them()
    {
        var found = Skus(await _anonymous.GetAsync("/api/v1/products?q=LIMITED%20edition").Expect(OK));
        Assert.Equal(["limited-edition-lantern"], found);

        var first = await _anonymous.GetAsync("/api/v1/products?q=lantern&limit=10").Expect(OK);
        Assert.Contains("q=lantern", NextOf(first), StringComparison.Ordinal);
        Assert.Contains("limit=10", NextOf(first), StringComparison.Ordinal);
        var second = await _anonymous.GetAsync(NextOf(first)!).Expect(OK);
        Assert.All(Skus(first).Concat(Skus(second)), sku => Assert.Contains("lantern", sku, StringComparison.Ordinal));
        Assert.Empty(Skus(first).Intersect(Skus(second)));
    }

    [Theory]
    [InlineData("%25")]
    [InlineData("_")]
    [InlineData("umbr_lla")]
    [InlineData("umb%25la")]
    [InlineData("%5c")]
    [InlineData("%27")]
    [InlineData("%00")]
    [InlineData("%ff")]
    [InlineData("[a-z]")]
    public async Task Wildcards_and_quotes_in_a_search_are_letters_like_others(string q) =>
        Assert.All(
            (await _anonymous.GetAsync($"/api/v1/products?q={q}&limit=100").Expect(OK)).Body["items"]!.AsArray(),
            item => Assert.Contains(Uri.UnescapeDataString(q), $"{item!["name"]}\n{item["sku"]}", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public async Task A_search_that_finds_nothing_is_an_empty_page() =>
        Assert.Equal("""{"items":[],"next":null}""", (await _anonymous.GetAsync("/api/v1/products?q=no%20such%20thing").Expect(OK)).Text);

    [Theory]
    [InlineData(null, "strong")]
    [InlineData("strong", "strong")]
    [InlineData("monotonic", "monotonic")]
    [InlineData("session", "session")]
    [InlineData("eventual", "eventual")]
    [InlineData("weak", "weak")]
    public async Task Stock_is_read_at_a_level_of_consistency(string? level, string told)
    {
        var sku = await shop.Host.ProductAsync(stock: 3);
        var reply = await _anonymous.GetAsync($"/api/v1/products/{sku}/stock{(level is null ? "" : $"?consistency={level}")}").Expect(OK);
        Assert.Equal($$"""{"sku":"{{sku}}","onHand":3,"reserved":0,"available":3,"version":2}""", reply.Text);
        Assert.Matches($"^level={told}, staleness-ms=[0-9]+, source=[a-z]+$", reply.Header("Shop-Consistency"));
        await _anonymous.GetAsync($"/api/v1/products/{sku}/stock", ("If-None-Match", reply.Header("ETag")!)).Expect(NotModified);
    }

    [Theory]
    [InlineData("")]
    [InlineData("STRONG")]
    [InlineData("exact")]
    [InlineData("strong&consistency=weak")]
    public async Task An_unknown_level_is_a_400(string level)
    {
        var reply = await _anonymous.GetAsync($"/api/v1/products/umbrella/stock?consistency={level}").ExpectProblem(BadRequest, "validation-failed");
        Assert.NotNull(reply.Body["errors"]!["consistency"]);
    }

    private static List<string> Skus(Reply page) => [.. page.Body["items"]!.AsArray().Select(item => item!["sku"]!.GetValue<string>())];

    private static string? NextOf(Reply page) => Links.Next(page);
}
