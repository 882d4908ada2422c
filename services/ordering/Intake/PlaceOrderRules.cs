using System.Globalization;
using Shop.Contracts;
using Shop.Ordering.Orders;
using Shop.Ordering.Products;

namespace Shop.Ordering.Intake;

/// <summary>What a body must hold to become an order, checked before anything is stored; the price is fixed here.</summary>
internal static class PlaceOrderRules
{
    private const int MaxLines = 50;
    private const int MaxQuantity = 1000;

    /// <returns>The priced lines, or every error at once.</returns>
    public static async ValueTask<(IReadOnlyList<OrderLine> Lines, Dictionary<string, string[]> Errors)> PriceAsync(
        PlaceOrder request, ProductCatalogue products, CancellationToken cancellationToken)
    {
        var lines = request.Lines ?? [];
        var errors = new Dictionary<string, string[]>();
        if (lines.Count is 0 or > MaxLines)
        {
            errors["lines"] = [lines.Count == 0 ? "An order needs at least one line." : $"At most {MaxLines} lines."];
            return ([], errors);
        }

        var priced = new List<OrderLine>(lines.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i] is not { Sku.Length: > 0 } line)
            {
                errors[Key(i, "sku")] = ["A line needs a SKU."];
                continue;
            }

            if (line.Quantity is < 1 or > MaxQuantity)
            {
                errors[Key(i, "quantity")] = [$"Must be 1 to {MaxQuantity}."];
            }

            // What is refused anyway asks inventory no more: else one bad request would cost as many look-ups as it has lines.
            if (!seen.Add(line.Sku))
            {
                errors[Key(i, "sku")] = ["Each SKU may stand in one line only."];
            }
            else if ((errors.Count == 0 ? await products.FindAsync(line.Sku, cancellationToken) : products.Known(line.Sku)) is { } product)
            {
                priced.Add(new OrderLine(line.Sku, product.Name, line.Quantity, product.Price));
            }
            else
            {
                errors[Key(i, "sku")] = ["There is no such product."];
            }
        }

        if (errors.Count == 0 && !TotalFits(priced))
        {
            errors["lines"] = ["The lines do not add up to one amount in one currency."];
        }

        return (priced, errors);
    }

    private static bool TotalFits(List<OrderLine> lines)
    {
        try
        {
            return lines.All(l => l.UnitPrice.Currency == lines[0].UnitPrice.Currency)
                && lines.Select(l => l.UnitPrice * l.Quantity).Aggregate((sum, line) => sum + line) is Money { Amount: >= 0 };
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    private static string Key(int index, string member) => string.Create(CultureInfo.InvariantCulture, $"lines[{index}].{member}");
}
