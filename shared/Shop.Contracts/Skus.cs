using System.Text.RegularExpressions;

namespace Shop.Contracts;

/// <summary>What a SKU looks like: 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or a digit.</summary>
/// <remarks>It says nothing about whether there is such a product. What does not look like a SKU must never become part of an address.</remarks>
public static partial class Skus
{
    public static bool IsValid(string sku) => Form().IsMatch(sku);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Form();
}
