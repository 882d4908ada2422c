using System.Collections.Immutable;

namespace Shop.BuildingBlocks.Configuration;

/// <summary>One value from the store.</summary>
/// <param name="Layer">The folder that it came from.</param>
/// <param name="Version">Consul's index of the last change to this key.</param>
public sealed record KvSetting(string Value, string Layer, ulong Version);

/// <summary>What the store says at one index, all layers together: it is applied whole or not at all.</summary>
/// <remarks>Two keys that an operator writes one after the other are two states, and both may be applied; one transaction makes them one.</remarks>
/// <param name="Version">Consul's index of the answer.</param>
/// <param name="Settings">By configuration key, such as <c>Limits:Session:Permits</c>.</param>
/// <param name="Ignored">Keys that may not come from the store, or that nobody here knows.</param>
public sealed record KvSnapshot(ulong Version, ImmutableSortedDictionary<string, KvSetting> Settings, ImmutableSortedSet<string> Ignored)
{
    public static readonly KvSnapshot Empty = new(
        0, ImmutableSortedDictionary.Create<string, KvSetting>(StringComparer.OrdinalIgnoreCase), []);
}
