namespace Shop.BuildingBlocks.Ids;

/// <summary>Makes numbers that nobody else makes, from what the process holds already: no call waits for a server.</summary>
/// <remarks>Whether they rise across processes, and whether there are gaps, is said by each implementation. None is without gaps.</remarks>
public interface IIdGenerator
{
    /// <summary>The next one.</summary>
    /// <exception cref="IdsUnavailableException">This process may make none at the moment; later it may.</exception>
    /// <exception cref="ClockMovedBackwardsException">The clock stands too far behind the ids already made.</exception>
    long Next();
}
