using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shop.Contracts;
using Shop.Gateway.Proxy;
using Shop.IntegrationTests.Support;
using Shop.ServiceDefaults;
using static System.Net.HttpStatusCode;

namespace Shop.IntegrationTests.Api;

/// <summary>The committed document is what the services say of themselves. <c>SHOP_UPDATE_OPENAPI=1</c> writes it anew.</summary>
[Collection(SharedShop.Name)]
public sealed class OpenApiTests(ShopFixture shop)
{
    private static readonly JsonSerializerOptions Canonical = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_committed_document_is_the_one_of_the_running_shop()
    {
        var documents = new List<JsonNode>();
        foreach (var service in (string[])[ServiceNames.Gateway, ServiceNames.Ordering, ServiceNames.Inventory, ServiceNames.Payments])
        {
            documents.Add(await OpenApiDocuments.ReadAsync(shop.Host.App(service).Services));
        }

        var real = OpenApiMerge.Merge(documents).ToJsonString(Canonical) + "\n";
        if (Environment.GetEnvironmentVariable("SHOP_UPDATE_OPENAPI") is "1")
        {
            await File.WriteAllTextAsync(CommittedFile(), real);
        }

        var committed = await File.ReadAllTextAsync(CommittedFile());
        Assert.True(committed == real, $"gateway/OpenApi/v1.json is out of date at {FirstDifference(committed, real)}. SHOP_UPDATE_OPENAPI=1 writes it anew.");
    }

    [Fact]
    public async Task Every_public_route_is_documented_and_nothing_else()
    {
        var document = (await shop.Host.Anonymous().GetAsync("/openapi/v1.json").Expect(OK)).Body;
        var documented = document["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}"))
            .Order(StringComparer.Ordinal);
        string[] ofTheGateway =
        [
            "DELETE /api/v1/cart/items/{sku}", "DELETE /api/v1/session", "DELETE /api/v1/sessions", "GET /api/v1/cart", "GET /api/v1/session",
            "POST /api/v1/customers", "POST /api/v1/session", "PUT /api/v1/cart/items/{sku}",
        ];
        Assert.Equal(PublicRoutes.All.Select(route => route.Id).Concat(ofTheGateway).Order(StringComparer.Ordinal), documented);
    }

    [Fact]
    public async Task A_services_own_document_is_for_services()
    {
        using var direct = new ShopClient(shop.Host.OrderingAddress);
        await direct.GetAsync("/internal/openapi.json").ExpectProblem(Unauthorized, "unauthorized");
    }

    [Fact]
    public async Task Every_operation_says_what_it_is_who_may_call_it_and_how_it_answers()
    {
        var document = (await shop.Host.Anonymous().GetAsync("/openapi/v1.json").Expect(OK)).Body;
        Assert.Equal(["cookie", "token"], document["components"]!["securitySchemes"]!.AsObject().Select(scheme => scheme.Key).Order(StringComparer.Ordinal));
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject())
            {
                var name = $"{method} {path}";
                Assert.True(operation!["summary"] is not null, $"{name} has no summary");
                Assert.True(operation["operationId"] is not null, $"{name} has no operationId");
                Assert.True(operation["tags"] is JsonArray { Count: 1 }, $"{name} has no tag");
                var responses = operation["responses"]!.AsObject();
                Assert.True(responses.Any(response => response.Key.StartsWith('2')), $"{name} has no success");
                Assert.Equal(responses.ContainsKey("401"), operation["security"] is JsonArray { Count: 2 } || path.EndsWith("/session", StringComparison.Ordinal));
                Assert.True(responses.ContainsKey("429"), $"{name} may be refused with 429");
                foreach (var (status, response) in responses)
                {
                    var types = response!["content"]?.AsObject().Select(content => content.Key) ?? [];
                    Assert.True(
                        status is "default" || status[0] is '4' or '5' ? types.SequenceEqual(["application/problem+json"]) : !types.Contains("application/problem+json"),
                        $"{name} {status}: {string.Join(", ", types)}");
                }
            }
        }

        var ids = document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject()).Select(o => o.Value!["operationId"]!.GetValue<string>()).ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_schema_is_used()
    {
        var document = (await shop.Host.Anonymous().GetAsync("/openapi/v1.json").Expect(OK)).Body;
        var used = References(document).Distinct().Order(StringComparer.Ordinal);
        var known = document["components"]!["schemas"]!.AsObject().Select(schema => $"#/components/schemas/{schema.Key}").Order(StringComparer.Ordinal);
        Assert.Equal(known, used);
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject item => item.SelectMany(member => member is { Key: "$ref", Value: JsonValue value } ? [value.GetValue<string>()] : References(member.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };

    private static string FirstDifference(string committed, string real)
    {
        var (ours, theirs) = (committed.Split('\n'), real.Split('\n'));
        var line = ours.Zip(theirs).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1}: '{ours.ElementAtOrDefault(line)}' instead of '{theirs.ElementAtOrDefault(line)}'";
    }

    private static string CommittedFile()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Shop.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("Shop.sln is in no folder above the tests.");
        }

        return Path.Combine(directory, "gateway", "OpenApi", "v1.json");
    }
}
