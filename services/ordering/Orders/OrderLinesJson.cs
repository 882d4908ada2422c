using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Ordering.Orders;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<OrderLine>))]
internal sealed partial class OrderLinesJson : JsonSerializerContext;
