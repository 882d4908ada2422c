using Shop.Contracts;
using Shop.Contracts.Internal;
using Shop.Contracts.Messages;

namespace Shop.Inventory.Products;

/// <summary>What the shop offers. How many there are of it is the business of <see cref="Stock.StockItem"/>.</summary>
internal sealed class Product
{
    private Product(string sku, string name, string description, string searchText, long version)
    {
        Sku = sku;
        Name = name;
        Description = description;
        SearchText = searchText;
        Version = version;
    }

    public string Sku { get; private set; }

    public string Name { get; private set; }

    public string Description { get; private set; }

    /// <summary>Name and SKU as <see cref="Searchable"/> writes them: databases differ in which letters they fold.</summary>
    public string SearchText { get; private set; }

    public Money Price { get; private set; }

    public long Version { get; private set; }

    public static Product Create(string sku, string name, string description, Money price)
    {
        var product = new Product(sku, name, description, "", version: 0);
        product.Change(name, description, price);
        return product;
    }

    public static string Searchable(string text) => text.ToLowerInvariant();

    public void Change(string name, string description, Money price)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(price.Amount);
        Name = name;
        Description = description;
        SearchText = Searchable($"{name}\n{Sku}");
        Price = price;
        Version++;
    }

    public ProductSnapshot ToSnapshot() => new(Sku, Name, Price, Version);

    public ProductChanged ToMessage() => new(Sku, Name, Price, Version);
}
