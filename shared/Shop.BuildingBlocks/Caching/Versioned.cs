namespace Shop.BuildingBlocks.Caching;

/// <summary>What the source of truth says at one moment: a value and the number that grows with each of its changes.</summary>
/// <remarks>Versions of one key must never go back; nothing here can check that.</remarks>
public sealed record Versioned<T>(T Value, long Version)
    where T : class;

/// <summary>An answer of a cache.</summary>
/// <param name="Value">Null when there is no such thing.</param>
/// <param name="ReadAt">A moment before it was read from the source: it was true then, and may not be any more.</param>
/// <param name="From">Where this process got it.</param>
public sealed record Cached<T>(T? Value, long Version, DateTimeOffset ReadAt, CacheSource From)
    where T : class;

/// <summary>Where an answer comes from.</summary>
public enum CacheSource
{
    /// <summary>The memory of this process.</summary>
    Local,

    /// <summary>Redis.</summary>
    Shared,

    /// <summary>The database.</summary>
    Origin,
}
