namespace Shop.BuildingBlocks.Discovery;

/// <summary>With which index the next blocking query asks.</summary>
internal static class BlockingIndex
{
    /// <summary>
    /// An index that went back means another history: a restored backup, or servers that lost their data. Waiting for the old number would
    /// miss every change until the new history has caught up with it. 0 is never waited for, because such a query does not block.
    /// </summary>
    public static ulong Next(ulong asked, ulong answered) => answered < asked ? 0 : Math.Max(answered, 1);
}
