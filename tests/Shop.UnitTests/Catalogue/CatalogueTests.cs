using System.Text.Json;
using System.Text.RegularExpressions;
using Shop.Contracts;
using Shop.UnitTests.Support;

namespace Shop.UnitTests.Catalogue;

public sealed partial class CatalogueTests
{
    private static readonly Product[] Products = JsonSerializer.Deserialize<Product[]>(
        Repository.Read("services/inventory/Catalogue/catalogue.json"), JsonSerializerOptions.Web)!;

    [Fact]
    public void Skus_are_readable_unique_and_sorted()
    {
        Assert.All(Products, product => Assert.Matches(Sku(), product.Sku));
        Assert.Equal(Products.Select(product => product.Sku).Distinct().Order(StringComparer.Ordinal), Products.Select(product => product.Sku));
    }

    [Fact]
    public void Every_product_can_be_shown_and_priced() => Assert.All(Products, product =>
    {
        Assert.False(string.IsNullOrWhiteSpace(product.Name));
        Assert.EndsWith(".", product.Description, StringComparison.Ordinal);
        Assert.Equal("EUR", product.Price.Currency);
        Assert.True(product.Price.Amount > 0);
        Assert.InRange(product.Stock, 0, 5_000);
    });

    [Theory]
    [InlineData("umbrella", 19_99, 5_000)]
    [InlineData("expedition-tent", 2_499_00, 1_200)]
    [InlineData("limited-edition-lantern", 149_00, 1)]
    public void The_products_that_the_documentation_buys_are_there(string sku, long price, int stock) => Assert.Equal(
        (price, stock), Products.Where(product => product.Sku == sku).Select(product => (product.Price.Amount, product.Stock)).Single());

    [Fact]
    public void Most_products_are_in_good_supply_and_a_few_can_be_sold_out_at_once()
    {
        Assert.InRange(Products.Count(product => product.Stock >= 1_000), Products.Length * 3 / 4, Products.Length);
        Assert.InRange(Products.Count(product => product.Stock is >= 1 and <= 5), 5, 50);
        Assert.InRange(Products.Count(product => product.Stock == 0), 3, 20);
    }

    [GeneratedRegex("^[a-z0-9-]{3,40}$")]
    private static partial Regex Sku();

    private sealed record Product(string Sku, string Name, string Description, Money Price, int Stock);
}
