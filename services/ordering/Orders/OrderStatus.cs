using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Ordering.Orders;

/// <summary><c>Pending -> Confirmed | Rejected</c>; <c>Pending | Confirmed -> Cancelling -> Cancelled</c>. The numbers are stored.</summary>
[JsonConverter(typeof(OrderStatusJson))]
internal enum OrderStatus
{
    Pending = 1,
    Confirmed = 2,
    Rejected = 3,
    Cancelling = 4,
    Cancelled = 5,

    /// <summary>The checkout cannot go on by itself; the answer that it waits for still completes it.</summary>
    NeedsAttention = 6,
}

internal sealed class OrderStatusJson() : JsonStringEnumConverter<OrderStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
