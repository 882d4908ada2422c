namespace Shop.BuildingBlocks.Sessions;

/// <summary>Where sessions live when there are several gateways.</summary>
/// <remarks>A change of strategy logs everybody out: nothing moves sessions from one to the other.</remarks>
public enum SessionStrategy
{
    /// <summary>In the memory of one gateway; whoever balances the load sends a caller to the same one each time. They die with it.</summary>
    Sticky,

    /// <summary>In the memory of every gateway: each tells the others of its changes.</summary>
    Replicated,

    /// <summary>In Redis, for all gateways that use the same server.</summary>
    Central,
}
