using Shop.Contracts;
using Shop.Contracts.Internal;

namespace Shop.Ordering.Products;

/// <summary>Ordering's copy of a product, so that prices can be fixed while inventory is away.</summary>
internal sealed class Product
{
    private Product()
    {
    }

    public string Sku { get; private set; } = "";

    public string Name { get; private set; } = "";

    public long PriceAmount { get; private set; }

    public string PriceCurrency { get; private set; } = "";

    public long Version { get; private set; }

    public static Product From(ProductSnapshot snapshot)
    {
        var product = new Product { Sku = snapshot.Sku };
        product.Take(snapshot);
        return product;
    }

    /// <returns>False for a version that is not newer: events arrive in any order.</returns>
    public bool Update(ProductSnapshot snapshot)
    {
        if (snapshot.Version <= Version)
        {
            return false;
        }

        Take(snapshot);
        return true;
    }

    public ProductSnapshot ToSnapshot() => new(Sku, Name, new Money(PriceAmount, PriceCurrency), Version);

    private void Take(ProductSnapshot snapshot)
    {
        Name = snapshot.Name;
        PriceAmount = snapshot.Price.Amount;
        PriceCurrency = snapshot.Price.Currency;
        Version = snapshot.Version;
    }
}
