using Shop.BuildingBlocks.Ids;

namespace Shop.BuildingBlocks.Transactions;

/// <summary>What an order's id says of its age.</summary>
internal static class OrderAge
{
    /// <summary>The first id that a shop can have made. One from before, within a day of the epoch, was made by hand and says nothing.</summary>
    public static readonly long First = SnowflakeId.FirstOf(SnowflakeId.Epoch.AddDays(1));

    /// <summary>Whether the order was placed before <paramref name="time"/>.</summary>
    public static bool IsFromBefore(long orderId, DateTimeOffset time) => orderId >= First && orderId < SnowflakeId.FirstOf(time);
}
