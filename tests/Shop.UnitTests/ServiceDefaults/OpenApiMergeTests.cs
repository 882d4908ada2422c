using System.Text.Json.Nodes;
using Shop.ServiceDefaults;

namespace Shop.UnitTests.ServiceDefaults;

public sealed class OpenApiMergeTests
{
    private static readonly JsonNode Orders = JsonNode.Parse(
        """
        {
          "paths": {
            "/api/v1/orders": { "post": { "tags": ["Orders"] }, "get": { "tags": ["Orders"] } },
            "/internal/facts": { "get": {} },
            "/api/v10/trap": { "get": {} }
          },
          "components": { "schemas": { "Problem": { "type": "object" }, "Order": { "type": "object" } } }
        }
        """)!;

    private static readonly JsonNode Cart = JsonNode.Parse(
        """
        {
          "paths": { "/api/v1/cart": { "get": { "tags": ["Cart"] } } },
          "components": { "schemas": { "Problem": { "type": "object" } } }
        }
        """)!;

    [Fact]
    public void The_result_does_not_depend_on_the_order_of_the_documents() =>
        Assert.Equal(OpenApiMerge.Merge(Orders, Cart).ToJsonString(), OpenApiMerge.Merge(Cart, Orders).ToJsonString());

    [Fact]
    public void Only_public_paths_are_taken() =>
        Assert.Equal(["/api/v1/cart", "/api/v1/orders"], OpenApiMerge.Merge(Orders, Cart)["paths"]!.AsObject().Select(path => path.Key));

    [Fact]
    public void Components_are_merged_and_sorted() => Assert.Equal(
        ["Order", "Problem"], OpenApiMerge.Merge(Cart, Orders)["components"]!["schemas"]!.AsObject().Select(schema => schema.Key));

    [Fact]
    public void One_operation_in_two_documents_is_a_conflict() =>
        Assert.Throws<InvalidOperationException>(() => OpenApiMerge.Merge(Orders, Orders.DeepClone()));

    [Fact]
    public void One_component_with_two_meanings_is_a_conflict()
    {
        var other = JsonNode.Parse("""{ "components": { "schemas": { "Order": { "type": "string" } } } }""")!;

        Assert.Throws<InvalidOperationException>(() => OpenApiMerge.Merge(Orders, other));
    }
}
