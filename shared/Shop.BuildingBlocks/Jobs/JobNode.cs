namespace Shop.BuildingBlocks.Jobs;

/// <summary>Which service this process is, and what it signs its claims with.</summary>
/// <remarks>A label: two processes of one name harm nobody, because a claim is told by its epoch.</remarks>
public sealed record JobNode(string Service, string Instance);
