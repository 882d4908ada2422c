namespace Shop.BuildingBlocks.Ids;

/// <summary>This process may not make ids at the moment; the message says why.</summary>
/// <remarks>No id was issued, and nothing is broken: what is missing is fetched in the background, and the same request succeeds later.</remarks>
public sealed class IdsUnavailableException(string reason) : Exception(reason);
