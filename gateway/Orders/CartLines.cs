using System.Text.Json;
using Shop.BuildingBlocks.Sessions;

namespace Shop.Gateway.Orders;

/// <summary>Puts the lines of a cart into an order that names none.</summary>
internal static class CartLines
{
    private const string Lines = "lines";

    /// <summary>Duplicate members and deep nesting are refused here as they are by the services.</summary>
    public static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    public static bool AreMissingFrom(JsonElement order) =>
        order.ValueKind is JsonValueKind.Object && (!order.TryGetProperty(Lines, out var lines) || lines.ValueKind is JsonValueKind.Null);

    /// <summary>The order with the cart's lines; an empty cart gives an empty list, which ordering refuses or replays.</summary>
    public static byte[] AddTo(JsonElement order, Cart cart)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var member in order.EnumerateObject().Where(member => !member.NameEquals(Lines)))
            {
                member.WriteTo(json);
            }

            json.WriteStartArray(Lines);
            foreach (var item in cart.Items)
            {
                json.WriteStartObject();
                json.WriteString("sku", item.Sku);
                json.WriteNumber("quantity", item.Quantity);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
