using Shop.Contracts;

namespace Shop.Inventory.Products;

/// <summary>What an operator wants a product to be.</summary>
internal sealed record ProductChange(string Name, string Description, Money Price)
{
    private const long MaxPrice = 1_000_000_00;

    /// <summary>Every error at once; empty when there is none.</summary>
    public Dictionary<string, string[]> Errors(string sku)
    {
        var errors = new Dictionary<string, string[]>();
        Check(nameof(sku), Sku.IsWellFormed(sku), "1 to 64 letters, digits, dots, dashes or underscores, the first a letter or a digit.");
        Check(nameof(Name), Name is { Length: >= 1 and <= 200 }, "1 to 200 characters.");
        Check(nameof(Description), Description is { Length: <= 2_000 }, "At most 2000 characters.");
        Check(nameof(Price), Price is { Amount: >= 1 and <= MaxPrice, Currency: "EUR" }, $"1 to {MaxPrice} in EUR.");
        return errors;

        void Check(string member, bool valid, string rule)
        {
            if (!valid)
            {
                errors.Add(member, [rule]);
            }
        }
    }
}
