using System.Text.Json.Nodes;
using Shop.IntegrationTests.Support;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>What a person sees in a browser, and what a browser is told about it.</summary>
[Collection(SharedShop.Name)]
public sealed class DocumentationTests(ShopFixture shop)
{
    private readonly ShopClient _browser = shop.Host.Anonymous();

    [Fact]
    public async Task The_document_is_OpenAPI_3_1_in_JSON()
    {
        var reply = await _browser.GetAsync("/openapi/v1.json").Expect(OK);
        Assert.StartsWith("application/json", reply.Header("Content-Type"), StringComparison.Ordinal);
        Assert.StartsWith("3.1.", reply.Body["openapi"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.NotEmpty(reply.Body["paths"]!.AsObject());
    }

    [Fact]
    public async Task The_root_and_the_docs_lead_to_a_page_that_shows_the_document()
    {
        Assert.Equal("/docs", (await _browser.GetAsync("/").Expect(Found)).Header("Location"));
        var page = await _browser.GetAsync("/docs");
        if (page.Status is MovedPermanently or Found)
        {
            page = await _browser.GetAsync(new Uri(new Uri($"{shop.Host.Address}/docs"), page.Header("Location")).PathAndQuery);
        }

        Assert.Equal(OK, page.Status);
        Assert.StartsWith("text/html", page.Header("Content-Type"), StringComparison.Ordinal);
        var script = await _browser.GetAsync("/docs/index.js").Expect(OK);
        Assert.Contains("/openapi/v1.json", script.Text, StringComparison.Ordinal);
        await _browser.GetAsync("/docs/swagger-ui-bundle.js").Expect(OK);
    }

    [Theory]
    [InlineData("/docs/index.html")]
    [InlineData("/problems")]
    [InlineData("/problems/not-found")]
    public async Task A_page_loads_only_what_is_the_shops_and_stands_in_no_frame(string path)
    {
        var page = await _browser.GetAsync(path).Expect(OK);
        Assert.StartsWith("text/html", page.Header("Content-Type"), StringComparison.Ordinal);
        var policy = page.Header("Content-Security-Policy")!;
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", page.Header("Referrer-Policy"));
        Assert.DoesNotContain("<script>", page.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task The_list_of_problems_leads_to_each_of_them()
    {
        var page = (await _browser.GetAsync("/problems").Expect(OK)).Text;
        Assert.All(Shop.ServiceDefaults.ProblemCatalogue.All, problem => Assert.Contains($"href=\"{problem.Uri}\"", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    [InlineData("startup")]
    public async Task Every_process_tells_its_health_without_a_key_and_without_details(string probe)
    {
        foreach (var address in (string[])[shop.Host.Address, shop.Host.OrderingAddress, shop.Host.InventoryAddress, shop.Host.PaymentsAddress])
        {
            using var client = new ShopClient(address);
            var health = (await client.GetAsync($"/health/{probe}").Expect(OK)).Body;
            Assert.Equal("Healthy", health["status"]!.GetValue<string>());
            Assert.All(health["checks"]?.AsObject() ?? [], check => Assert.Equal("Healthy", check.Value!.GetValue<string>()));
        }
    }

    [Fact]
    public async Task What_is_private_is_not_cached_by_anybody_else()
    {
        using var customer = await shop.Host.CustomerAsync();
        foreach (var path in (string[])["/api/v1/session", "/api/v1/cart", "/api/v1/wallet", "/api/v1/wallet/entries", "/api/v1/orders"])
        {
            Assert.DoesNotContain("public", (await customer.GetAsync(path).Expect(OK)).Header("Cache-Control") ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_document_and_the_pages_name_no_machine_and_no_address()
    {
        var document = (await _browser.GetAsync("/openapi/v1.json").Expect(OK)).Body;
        Assert.Empty(document["servers"] as JsonArray ?? []);
        Assert.DoesNotContain("127.0.0.1", document.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("localhost", document.ToJsonString(), StringComparison.Ordinal);
    }
}
