namespace Shop.BuildingBlocks.Sessions;

/// <summary>Where sessions are kept.</summary>
/// <remarks>A change of store logs everybody out: nothing moves sessions from one to the other.</remarks>
public enum SessionStoreKind
{
    /// <summary>In the memory of each process.</summary>
    InProcess,

    /// <summary>In Redis, shared by all processes that use the same server.</summary>
    Redis,
}
