using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Contracts;

namespace Shop.Ordering.Orders;

/// <summary>An order as its customer sees it.</summary>
internal sealed record OrderView(
    string Id,
    OrderStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    string Checkout,
    IReadOnlyList<OrderLine> Lines,
    Money Total,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int Version)
{
    // While an order is pending its reason is only what the saga means to reject it for.
    public static OrderView Of(Order order) => new(
        order.Id.ToString(CultureInfo.InvariantCulture),
        order.Status,
        order.Status is OrderStatus.Pending ? null : order.Reason,
        order.Checkout,
        order.Lines,
        order.Total,
        order.CreatedAt,
        order.UpdatedAt,
        order.Version);

    [JsonIgnore]
    public bool IsFinal => Status is OrderStatus.Confirmed or OrderStatus.Rejected or OrderStatus.Cancelled;

    /// <summary>A status as it stands in JSON and in <c>?status=</c>.</summary>
    public static string NameOf(OrderStatus status) => JsonNamingPolicy.CamelCase.ConvertName(status.ToString());
}
