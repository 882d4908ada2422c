using System.Text.RegularExpressions;

namespace Shop.Contracts;

/// <summary>How a SKU is written: 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or a digit.</summary>
/// <remarks>Such a text is a single segment of an address and means itself there; whether there is a product of that name is another question.</remarks>
public static partial class Sku
{
    public static bool IsWellFormed(string sku) => Pattern().IsMatch(sku);

    // \z, not $: that one also fits before a newline at the end.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Pattern();
}
